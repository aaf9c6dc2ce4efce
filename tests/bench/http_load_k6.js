// The same flow for k6.
import http from 'k6/http';
import exec from 'k6/execution';

const URL = __ENV.URL, BODY = __ENV.BODY, NAMED = { tags: { name: 'items' } };

export default function () {
  const found = http.get(URL, NAMED);
  if (found.status !== 200 || found.body !== BODY) exec.test.abort(`a wrong answer: ${found.status}`);
}

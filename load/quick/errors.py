"""What can go wrong between a request and its answer.

    OSError
    ├── socket.gaierror              the name is not known
    ├── ConnectionRefusedError …     nobody listens; every other error of the system
    ├── ssl.SSLError                 TLS: the handshake, a certificate, a broken record
    ├── TimeoutError                 connecting, or waiting for the next part of an answer, took too long
    └── AnswerError                  connected, but no answer that could be used
        ├── UnansweredError          the connection ended before any byte of an answer
        ├── CutAnswerError           it ended in the middle of an answer
        └── MalformedAnswerError     what came is no HTTP, or larger than is taken
    RefusedError (TypeError)         the request asks for what this client does not do; raised before anything is sent

Every failure of the far end is an OSError. A request that could not have been sent is the caller's bug, and no OSError.
"""


class AnswerError(OSError):
    """Connected, but no answer that could be used."""


class UnansweredError(AnswerError):
    """The connection ended before any byte of an answer came."""


class CutAnswerError(AnswerError):
    """The connection ended in the middle of an answer."""


class MalformedAnswerError(AnswerError):
    """What came is no HTTP/1.1 answer, or its head is larger than is taken."""


class RefusedError(TypeError):
    """The request asks for something that this client does not do."""

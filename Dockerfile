# One image for everything of ours: exporter, receiver, load, and the embedded targets. The command chooses.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# Dependencies change seldom: their layer is made before the sources are there.
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/steadyline \
 && pip --python /opt/steadyline/bin/python install --quiet --no-deps --require-hashes -r requirements/runtime.txt \
 && python -m venv --without-pip /opt/build \
 && pip --python /opt/build/bin/python install --quiet --no-deps --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY docs/runbook.md docs/
COPY alerts alerts
COPY dashboards dashboards
COPY deploy deploy
COPY exporters exporters
COPY load load
COPY runner runner
COPY steadyline steadyline
COPY targets targets
RUN /opt/build/bin/python -m hatchling build -t wheel -d /wheels \
 && pip --python /opt/steadyline/bin/python install --quiet --no-deps --no-index /wheels/*.whl \
 && ln -s "$(/opt/steadyline/bin/python -P -c 'import load; print(load.__path__[0])')" /opt/steadyline/load \
 && cp deploy/containers/health.py /opt/steadyline/
# What is mounted over with an empty volume gives it its owner and mode.
RUN mkdir -p /skeleton/var/lib/steadyline/generated /skeleton/var/lib/steadyline/load_targets \
             /skeleton/var/lib/steadyline/data/s3 /skeleton/var/lib/steadyline/data/victoria-metrics \
             /skeleton/run/steadyline/secrets /skeleton/etc/steadyline \
 && chmod -R u=rwX,g=rX,o= /skeleton/var/lib/steadyline /skeleton/run/steadyline/secrets

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Steadyline" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 steadyline \
 && useradd --system --uid 10001 --gid 10001 --no-log-init --home-dir /var/lib/steadyline --shell /usr/sbin/nologin steadyline
COPY --from=build --chown=10001:10001 /skeleton/ /
COPY --from=build /opt/steadyline /opt/steadyline
ENV PATH=/opt/steadyline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    LOCUST_LOCUSTFILE=/opt/steadyline/load/locustfile.py \
    STEADYLINE_LISTEN_ADDRESS=0.0.0.0 \
    STEADYLINE_STATE_DIR=/var/lib/steadyline \
    HEALTH=9464/-/healthy
USER 10001:10001
# Settings, operations, targets and rules of the user's own are found here.
WORKDIR /etc/steadyline
# HEALTH is a port and a path that has to answer 200.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-IS", "/opt/steadyline/health.py"]
CMD ["python", "-P", "-m", "exporters"]

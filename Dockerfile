# Segue in a container: no root, no compiler, a root file system that can be read-only.
#   docker build --build-arg SEGUE_COMMIT=$(git rev-parse --short HEAD) -t segue .
FROM python:3.12-slim-bookworm

ARG SEGUE_COMMIT=""
WORKDIR /opt/segue
COPY pyproject.toml requirements-run.lock README.md LICENSE hatch_build.py ./
COPY bot bot
COPY recommender recommender
COPY storage storage
# The installer of the README: from the lock with hashes.  Without a compiler it leaves annoy out, which is compiled
# for one processor and would crash on another.
RUN PIP_NO_CACHE_DIR=1 python3 -m bot.install \
    && if [ -n "$SEGUE_COMMIT" ]; then echo "$SEGUE_COMMIT" > bot/data/commit.txt; fi \
    && .venv/bin/python -m compileall -q bot recommender storage \
    && useradd --system --uid 10001 --home-dir /data segue \
    && install -d -o segue -m 700 /data /backups

ENV PATH=/opt/segue/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SEGUE_DATABASE=/data/segue.db \
    SEGUE_BACKUPS=/backups \
    SEGUE_LOG=- \
    SEGUE_LOG_FORMAT=json
USER segue
WORKDIR /data
VOLUME ["/data", "/backups"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=180s --retries=3 CMD ["segue", "health"]
ENTRYPOINT ["segue"]
CMD ["run"]

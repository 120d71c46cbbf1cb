FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY . .
RUN pip install --constraint constraints.txt --editable . \
    && useradd --system --create-home rescind \
    && install -d -o rescind /data

USER rescind
ENV RESCIND_DATA=/data RESCIND_HOST=0.0.0.0
EXPOSE 8080
CMD ["rescind", "api"]

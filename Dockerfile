# The stylesheet and scripts, then the program, then an image that holds it alone.
FROM node:20-slim AS assets
WORKDIR /build/kit/ui/assets
COPY kit/ui/assets/ .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run --silent build

FROM rust:1.95-slim AS program
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
COPY --from=assets /build/kit/ui/dist kit/ui/dist
RUN cargo build --release --locked --package server

FROM debian:12-slim
RUN useradd --system --home-dir /var/lib/gouvernail --create-home gouvernail
COPY --from=program /build/target/release/gouvernail /usr/local/bin/gouvernail
# glibc otherwise keeps what start-up took: a fifth of the memory at rest.
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576
USER gouvernail
WORKDIR /var/lib/gouvernail
EXPOSE 8460
ENTRYPOINT ["gouvernail"]
CMD ["serve", "--data", "/var/lib/gouvernail", "--listen", "0.0.0.0:8460"]

# syntax=docker/dockerfile:1
# Targets: `runtime` (default, CPU and WebGPU) and `runtime-cuda` (CUDA 12 execution provider of ONNX Runtime).
#   docker build -t praxis .
#   docker build -t praxis:cuda --target runtime-cuda .

# The version that docs/operations/node-versions.md recommends, as it is tested.
ARG NODE_VERSION=24.22.3

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node build.cjs \
 && npm prune --omit=dev --no-audit --no-fund
# ONNX Runtime comes with its libraries for every platform, 290 MB of them, of which one is of use.
RUN find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} +

# The CUDA libraries of ONNX Runtime are fetched while building, so this stage needs the network.
FROM build AS build-cuda
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js

FROM node:${NODE_VERSION}-bookworm-slim AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 PRAXIS_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build --chown=root:root /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/schema schema
COPY --from=build /app/package.json ./
USER node
VOLUME /data
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["start"]

FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu22.04 AS runtime-cuda
ARG NODE_VERSION
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 PRAXIS_DATA_DIR=/data
COPY --from=build-cuda /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
RUN useradd --create-home --uid 1000 node && mkdir /data && chown node:node /data
COPY --from=build-cuda --chown=root:root /app/node_modules node_modules
COPY --from=build-cuda /app/dist dist
COPY --from=build-cuda /app/schema schema
COPY --from=build-cuda /app/package.json ./
USER node
VOLUME /data
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["start"]

# The last stage is what a plain `docker build` makes.
FROM runtime AS default

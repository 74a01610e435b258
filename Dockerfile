# The action's image: one static binary on Alpine. Built by GitHub's runner for `uses: ./`
# and for every `uses:` of a commit whose action.yml says `image: Dockerfile`.
#
# By hand, outside Actions, with whatever the environment already holds:
#
#   docker build -t aoai-preflight --build-arg VERSION="$(git describe --always)" .
#   docker run --rm -e AZURE_TENANT_ID -e AZURE_CLIENT_ID -e AZURE_CLIENT_SECRET \
#     aoai-preflight check --endpoint https://NAME.openai.azure.com --deployment NAME
#
# The bases are arguments so that a mirror, or a machine that pulls nothing, can put its own in.
# They are pinned by tag only, so a rebuild takes whatever the tag names that day; what goes into
# the binary is pinned by go.sum all the same. For a release, pin the digests too, as
# golang:1.26-alpine@sha256:... from `docker buildx imagetools inspect golang:1.26-alpine`. New
# versions are put here by hand: Dependabot does not read arguments (dependabot-core#2057).
ARG BUILDER=golang:1.26-alpine
ARG RUNTIME=alpine:3.22

FROM ${BUILDER} AS build
WORKDIR /src

# Empty means Go's own default. A network with a module mirror passes its settings with
# `--build-arg GOPROXY`; they stay in this stage and reach neither the image nor its history.
ARG GOPROXY GOSUMDB GONOSUMDB

# Modules first: this layer is rebuilt only when the dependencies change.
COPY go.mod go.sum ./
RUN go mod download

# .dockerignore leaves of the tree what the binary is built from, so this copies nothing else.
COPY . .

# BuildKit fills these two for another platform; empty means the builder's own.
ARG TARGETOS TARGETARCH VERSION=dev
# Static (the runtime has musl, or nothing), and the same bytes from the same source: no paths,
# no build id, no state of a git checkout. Functions are inlined only where it computes: a tenth
# smaller, and no slower to run (docs/performance.md).
RUN CGO_ENABLED=0 GOOS="$TARGETOS" GOARCH="$TARGETARCH" go build -trimpath -buildvcs=false \
      -gcflags=all=-l -gcflags=runtime/...= -gcflags=crypto/...= -gcflags=internal/...= \
      -ldflags="-s -w -buildid= -X github.com/aoai-preflight/aoai-preflight/preflight.version=$VERSION" \
      -o /out/usr/local/bin/aoai-preflight . \
 && mkdir -p /out/etc/ssl/certs \
 && cp -L /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/

# Alpine and not scratch: runners on Kubernetes (ARC with containerMode: kubernetes) start an
# action's image with `tail -f /dev/null`, copy files in and run a script, and need sh, env, tail,
# tar, find, mv, rm and chmod in it. .ci/image checks that they are there.
#
# No USER on purpose: it runs as root, as GitHub requires of container actions. GITHUB_OUTPUT and
# GITHUB_STEP_SUMMARY are files in /github/file_commands that belong to the runner's user, whose id
# differs from runner to runner; any other user could not write to them. No HEALTHCHECK: it is a
# command that ends, not a service. The scanners that want both are told so here:
# checkov:skip=CKV_DOCKER_2:a command that ends, not a service
# checkov:skip=CKV_DOCKER_3:container actions must run as root
# checkov:skip=CKV_DOCKER_7:the tags are in BUILDER and RUNTIME
# trivy:ignore:DS-0002
# trivy:ignore:DS-0026
FROM ${RUNTIME}

# The binary and the builder's certificate roots, so that these do not depend on which runtime was
# chosen. One COPY: the classic builder loses a layer when the first of two changes nothing.
COPY --from=build /out/ /

ARG VERSION=dev
LABEL org.opencontainers.image.title="aoai-preflight" \
      org.opencontainers.image.description="Proves that this workflow's identity can call this Azure OpenAI deployment, and names the cause and the fix when it cannot." \
      org.opencontainers.image.source="https://github.com/aoai-preflight/aoai-preflight" \
      org.opencontainers.image.documentation="https://github.com/aoai-preflight/aoai-preflight#readme" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION"

# The exec form: names such as INPUT_CLIENT-ID are no identifiers for a shell, which may drop them.
ENTRYPOINT ["/usr/local/bin/aoai-preflight"]

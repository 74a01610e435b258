# shellcheck shell=bash
# Sourced by the scripts beside it: the two programs that a release needs besides Go, git and tar,
# at fixed versions. Another version may compress a layer otherwise, and so change the digest.

# crane assembles and pushes images without an engine: nothing is run while an image is made, so
# an arm64 image comes from any machine, and the bytes depend on the inputs alone.
# shellcheck disable=SC2034 # used where this is sourced
crane_module=github.com/google/go-containerregistry/cmd/crane@v0.22.1

# cyclonedx-gomod reads the SBOM out of the binary itself (`go version -m`): what was linked, not
# what go.mod would allow.
# shellcheck disable=SC2034 # likewise
cyclonedx_module=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# tool MODULE@VERSION: installs a command, once, and prints its path.
tool() {
  local name=${1%@*} dir
  name=${name##*/}
  dir=${TMPDIR:-/tmp}/aoai-preflight-tools/$name@${1##*@}
  if [[ ! -x $dir/$name ]]; then
    GOFLAGS='' GOOS='' GOARCH='' GOBIN=$dir go install "$1" >&2
  fi
  printf '%s\n' "$dir/$name"
}

# version_of ARGUMENT: prints it when it is a version that can be released, like v1.2.3 or
# v1.2.3-rc.1: no leading zeros, no build metadata, which neither an image's tag nor a branch of
# Dependabot's can hold.
version_of() {
  local number='(0|[1-9][0-9]*)'
  if [[ ! $1 =~ ^v$number\.$number\.$number(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$ ]]; then
    echo "'$1' is not a version of the form v1.2.3" >&2
    return 1
  fi
  printf '%s\n' "$1"
}

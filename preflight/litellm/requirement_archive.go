package litellm

import (
	"path"
	"strings"
)

// archived is the package and version of a requirement that is the address or
// the path of a built or source distribution, whose file name has both:
//
//	litellm @ https://files.example/litellm-1.63.7-py3-none-any.whl#sha256=…
//	./vendor/litellm-1.63.7.tar.gz
//
// https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
func archived(text string) (name, version string, ok bool) {
	address := text
	if before, after, found := strings.Cut(text, "@"); found && !strings.ContainsAny(before, "/:") {
		address = after
	}
	address, _, _ = strings.Cut(strings.TrimSpace(address), " ")
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	file := path.Base(address)
	if wheel, found := strings.CutSuffix(file, ".whl"); found {
		fields := strings.Split(wheel, "-")
		if len(fields) < 5 {
			return "", "", false
		}
		name, version = fields[0], fields[1]
	} else {
		for _, ext := range []string{".tar.gz", ".zip"} {
			if base, found := strings.CutSuffix(file, ext); found {
				if i := strings.LastIndexByte(base, '-'); i > 0 {
					name, version = base[:i], base[i+1:]
				}
			}
		}
	}
	_, ok = ParseVersion(version)
	return name, strings.ReplaceAll(version, "%2B", "+"), ok && name != ""
}

package preflight

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The certificate authorities of the system are read by crypto/x509, whole and
// without a look at what it opens, when the first certificate is verified:
// nothing bounds that wait or that memory. What it would open by order of the
// environment is looked at before.

// maxRoots bounds what the files of SSL_CERT_FILE or SSL_CERT_DIR hold. A
// system's bundle is a fiftieth of it.
const maxRoots = 16 << 20

// checkRoots finds what SSL_CERT_FILE and SSL_CERT_DIR name that would hang the
// run or never end. What is merely absent or no certificate is crypto/x509's
// matter, which has other places to look.
func checkRoots(w World) []*Problem {
	if w.Transport != nil {
		return nil // verifies for itself
	}
	var problems []*Problem
	add := func(variable, value, detail string) {
		problems = append(problems, notOrdinary(variable, value, detail, "ordinary PEM files"))
	}
	if name := w.getenv("SSL_CERT_FILE"); name != "" {
		if info, err := os.Stat(name); err == nil {
			if detail := endless(info); detail != "" {
				add("SSL_CERT_FILE", name, detail)
			}
		}
	}
	for _, dir := range filepath.SplitList(w.getenv("SSL_CERT_DIR")) {
		entries, _ := os.ReadDir(dir) // what cannot be read is not waited for
		total := int64(0)
		for _, e := range entries {
			info, err := os.Stat(filepath.Join(dir, e.Name()))
			if err != nil {
				continue
			}
			if info.Mode().IsRegular() {
				total += info.Size()
			}
			if detail := endless(info); detail != "" {
				add("SSL_CERT_DIR", dir, "has "+quoted(e.Name())+", which "+detail)
				total = 0
				break
			}
		}
		if total > maxRoots {
			add("SSL_CERT_DIR", dir, fmt.Sprintf("has files of more than the %d bytes that are read", maxRoots))
		}
	}
	return problems
}

// checkChainFiles finds the same of what azidentity's chain reads by order of the
// environment, whole and without a look at what it opens.
func checkChainFiles(w World) []*Problem {
	var problems []*Problem
	for _, variable := range []string{"AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"} {
		name := w.getenv(variable)
		if info, err := os.Stat(name); err == nil {
			if detail := endless(info); detail != "" {
				problems = append(problems, notOrdinary(variable, name, detail, "an ordinary file"))
			}
		}
	}
	return problems
}

func notOrdinary(variable, value, detail, allowed string) *Problem {
	return &Problem{ID: "cfg-input-invalid", Input: variable, Source: "this step's environment", Value: clipValue(value),
		Detail: detail, Allowed: allowed + ", or the variable unset"}
}

// endless says why a file cannot be read whole, "" when it can. The null device
// ends at once, and some name it to have no file.
func endless(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case mode&fs.ModeNamedPipe != 0:
		return "is a pipe, which the run would wait for"
	case mode&fs.ModeDevice != 0:
		if null, err := os.Stat(os.DevNull); err == nil && os.SameFile(info, null) {
			return ""
		}
		return "is a device, which may have no end"
	case mode.IsRegular() && info.Size() > maxRoots:
		return fmt.Sprintf("has more than the %d bytes that are read", maxRoots)
	}
	return ""
}

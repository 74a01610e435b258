package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateNotices = flag.Bool("update-notices", false, "rewrite THIRD_PARTY_NOTICES from the modules that are linked in")

// TestNotices: the notices that the licences ask for are those of everything
// that is linked into the program, Go's own library included. Versions are left
// out, so that an update changes the file only when a licence changes.
//
//	go test . -run TestNotices -update-notices
func TestNotices(t *testing.T) {
	t.Parallel()
	var modules []string
	for _, system := range []string{"linux", "darwin", "windows"} { // what releases have
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", ".")
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		modules = append(modules, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	slices.Sort(modules)
	modules = slices.Compact(modules)
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules = append(modules, "the Go programming language's runtime and library\t"+strings.TrimSpace(string(goroot)))
	var b strings.Builder
	b.WriteString("aoai-preflight is licensed as LICENSE says. Its program has the following in it, under\nthese licences. Generated: go test . -run TestNotices -update-notices\n")
	count := 0
	for _, m := range modules {
		name, dir, _ := strings.Cut(m, "\t")
		if name == "" || name == "github.com/aoai-preflight/aoai-preflight" {
			continue
		}
		texts := licencesIn(t, dir)
		if len(texts) == 0 {
			t.Errorf("%s has no licence", name)
		}
		b.WriteString("\n" + strings.Repeat("=", 78) + "\n" + name + "\n" + strings.Repeat("=", 78) + "\n\n" + strings.Join(texts, "\n\n") + "\n")
		count++
	}
	if count < 5 {
		t.Fatalf("%d modules are linked, which cannot be", count)
	}
	const file = "THIRD_PARTY_NOTICES"
	if *updateNotices {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != b.String() {
		t.Error(file + " is not what is linked in: go test . -run TestNotices -update-notices")
	}
}

// licencesIn are the licences and notices at a module's root.
func licencesIn(t *testing.T, dir string) []string {
	t.Helper()
	var texts []string
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "PATENTS*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n")))
		}
	}
	return texts
}

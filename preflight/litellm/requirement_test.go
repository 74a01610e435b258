package litellm

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// find reads files given as name, text, name, text, …; those whose name begins
// with "+" are not listed, only there to be included.
func find(files ...string) []Requirement {
	texts := map[string]string{}
	var names []string
	for i := 0; i < len(files); i += 2 {
		name, hidden := strings.CutPrefix(files[i], "+")
		texts[name] = files[i+1]
		if !hidden {
			names = append(names, name)
		}
	}
	return FindRequirements(func(name string) ([]byte, error) {
		text, ok := texts[name]
		if !ok {
			return nil, errors.New("no such file")
		}
		return []byte(text), nil
	}, func() []string { return names })
}

// shown is a requirement in one line.
func shown(r Requirement) string {
	flags := ""
	for _, f := range []struct {
		set  bool
		name string
	}{{r.Lock, "lock"}, {r.Marker, "marker"}, {r.Unknown, "unknown"}} {
		if f.set {
			flags += " " + f.name
		}
	}
	return fmt.Sprintf("%s:%d:%d %s %q %q %q%s", r.At.File, r.At.Line, r.At.Column, r.Package, r.Spec, r.Exact, r.Newest, flags)
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestFindRequirements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string
		want  string // a line each
	}{
		{"uv.lock", []string{"uv.lock", `version = 1
requires-python = ">=3.10"

[[package]]
name = "dspy"
version = "2.6.4"
source = { registry = "https://index.example/simple" }
dependencies = [
    { name = "litellm", version = "1.0" },
    { name = "openai" },
]
sdist = { url = "https://files.example/dspy.tar.gz", hash = "sha256:00", size = 1 }

[package.metadata]
requires-dist = [{ name = "litellm", specifier = ">=1.60" }]

[[package]]
name = "litellm"
version = "1.82.7"
`}, `
uv.lock:6:1 dspy "==2.6.4" "2.6.4" "2.6.4" lock
uv.lock:19:1 litellm "==1.82.7" "1.82.7" "1.82.7" lock`},
		{"poetry.lock", []string{"sub/poetry.lock", "# This file is automatically @generated\r\n[[package]]\r\nname = \"Azure_Identity\"\r\nversion = \"1.19.0\"\r\noptional = false\r\n\r\n[package.dependencies]\r\nlitellm = \">=1\"\r\n\r\n[[package]]\r\n  version = '1.63.7'\r\n  name = 'litellm'\r\n"}, `
sub/poetry.lock:4:1 azure-identity "==1.19.0" "1.19.0" "1.19.0" lock
sub/poetry.lock:11:3 litellm "==1.63.7" "1.63.7" "1.63.7" lock`},
		{"pdm.lock, pylock.toml", []string{"pdm.lock", "\ufeff[metadata]\ngroups = [\"default\"]\n\n[[package]]\nname = \"openai\"\nversion = \"1.66.0\"\n", "pylock.ci.toml", "lock-version = \"1.0\"\n[[packages]]\nname = \"litellm\"\nversion = \"1.81.12\"\n"}, `
pdm.lock:6:1 openai "==1.66.0" "1.66.0" "1.66.0" lock
pylock.ci.toml:4:1 litellm "==1.81.12" "1.81.12" "1.81.12" lock`},
		{"a lock with a merge's conflict", []string{"uv.lock", "[[package]]\nname = \"litellm\"\n<<<<<<< HEAD\nversion = \"1.81.12\"\n=======\nversion = \"1.82.8\"\n>>>>>>> other\n\n[[package\nname = \"dspy\"\nversion = \"3.0\n"}, `
uv.lock:4:1 litellm "==1.81.12" "1.81.12" "1.81.12" lock
uv.lock:6:1 litellm "==1.82.8" "1.82.8" "1.82.8" lock`},
		{"a lock's version that is none", []string{"uv.lock", "[[package]]\nname = \"litellm\"\nversion = \"::error::x\"\n"}, `
uv.lock:3:1 litellm "" "" "" lock unknown`},
		{"Pipfile.lock", []string{"Pipfile.lock", `{
    "_meta": {"hash": {"sha256": "0"}, "litellm": {"version": "==9"}, "sources": [{"name": "pypi", "verify_ssl": true}]},
    "default": {
        "litellm": {
            "extras": ["proxy", {"version": "==8"}],
            "hashes": [
                "sha256:00"
            ],
            "markers": "python_version >= '3.8'",
            "version": "==1.63.7"
        },
        "openai": {"git": "https://host.example/x", "ref": "abc"}
    },
    "develop": {"dspy-ai": {"version": "==2.6.4", "index": "pypi"}}, "docs": {"azure.identity": {"version": "==1.20`}, `
Pipfile.lock:10:13 litellm "==1.63.7" "1.63.7" "1.63.7" lock
Pipfile.lock:14:29 dspy-ai "==2.6.4" "2.6.4" "2.6.4" lock`},
		{"requirements.txt", []string{"requirements.txt", `# litellm==0.1
--index-url https://index.example/simple
  LiteLLM[proxy, extra] >= 1.59, <1.69  # with a reason
openai==1.66.0 ; python_version < "3.9"
dspy_ai~=2.6.0 \
    --hash=sha256:00 \
    --hash=sha256:11
\
   azure.identity == 1.19.0 --hash=sha256:22
litellm @ https://host.example/litellm-1.0.whl ; sys_platform == "linux"
litellm (==1.63.7)
litellm==1.0$SECRET
litellm
litellm-proxy-extras==0.1
./litellm==1.0
-e .
`}, `
requirements.txt:3:3 litellm ">=1.59,<1.69" "" "<1.69"
requirements.txt:4:1 openai "==1.66.0" "1.66.0" "1.66.0" marker
requirements.txt:5:1 dspy-ai "~=2.6.0" "" "<2.7"
requirements.txt:9:4 azure-identity "==1.19.0" "1.19.0" "1.19.0"
requirements.txt:10:1 litellm "" "" "" marker unknown
requirements.txt:11:1 litellm "==1.63.7" "1.63.7" "1.63.7"
requirements.txt:12:1 litellm "" "" "" unknown
requirements.txt:13:1 litellm "" "" ""`},
		{"requirements in other places, included, and in UTF-16", []string{
			"requirements/dev.txt", "-r ../base.txt\n-r/etc/passwd\n-r ../../outside.txt\n-c https://host.example/c.txt\n--constraint=pins.txt\n-r dev.txt\n--requirements-x y\n",
			"+base.txt", "litellm==1.63.7 # π\n", "+requirements/pins.txt", "openai<3\n", "+../outside.txt", "openai==1\n", "+/etc/passwd", "openai==1\n",
			"constraints-ci.txt", utf16le("a==1\r\nlitellm==1.82.8\r\n"), "notes.txt", "litellm==1.0\n", "dev_requirements.in", "dspy\n",
			"base.txt", "litellm==1.63.7 # π\n",
		}, `
base.txt:1:1 litellm "==1.63.7" "1.63.7" "1.63.7"
requirements/pins.txt:1:1 openai "<3" "" "<3"
constraints-ci.txt:2:1 litellm "==1.82.8" "1.82.8" "1.82.8"
dev_requirements.in:1:1 dspy "" "" ""`},
		{"pyproject.toml", []string{"pyproject.toml", `[build-system]
requires = ["litellm==0.1"]

[project]
name = "x" # "y"
dependencies = [
  "é", "litellm[proxy]>=1.59,<1.69; python_version>'3.8'", # a comment
  'openai==1.66.0',
]
optional-dependencies.llm = ["dspy>=2.6"]
[project.optional-dependencies]
azure = ["azure-identity (>=1.19)"]
[dependency-groups]
test = ["litellm ~= 1.63.7", {include-group = "azure"}]
[tool.uv]
override-dependencies = ["litellm==1.81.12"]
[tool.uv.sources]
litellm = { path = "../litellm" }
[tool.poetry.dependencies]
python = "^3.10"
litellm = "^1.63"
openai = { version = "1.66.0", extras = ["x"], optional = true }
azure-identity = {git = "https://host.example/x.git", tag = "v1"}
dspy-ai = [
  { version = "<=2.6", python = "<3.9" },
  { version = "*", python = ">=3.9" },
]
[tool.poetry.group.dev.dependencies.litellm]
extras = ["proxy"]
version = "==1.82.7"
`}, `
pyproject.toml:7:9 litellm ">=1.59,<1.69" "" "<1.69" marker
pyproject.toml:8:4 openai "==1.66.0" "1.66.0" "1.66.0"
pyproject.toml:10:31 dspy ">=2.6" "" ""
pyproject.toml:12:11 azure-identity ">=1.19" "" ""
pyproject.toml:14:10 litellm "~=1.63.7" "" "<1.64"
pyproject.toml:16:27 litellm "==1.81.12" "1.81.12" "1.81.12"
pyproject.toml:21:1 litellm "^1.63" "" "<2"
pyproject.toml:22:1 openai "==1.66.0" "1.66.0" "1.66.0"
pyproject.toml:25:5 dspy-ai "<=2.6" "" "2.6"
pyproject.toml:26:5 dspy-ai "" "" ""
pyproject.toml:30:1 litellm "==1.82.7" "1.82.7" "1.82.7"`},
		{"broken TOML, odd strings", []string{"pyproject.toml", `]
= 3
<<<<<<< HEAD
[project
license = { text = """
"litellm==0" """, other }
description = '''
dependencies = ["litellm==0"]''''
version = 1.2.3 "
"dependencies" = ["openai\u003d=1.66.0", "litellm==0
 "litellm==1.63.7", 1979-05-27, true, }, ["openai<3"],
]
keywords = [1, [
`, "Pipfile", "[packages]\nlitellm = \"==1.63.7\"\n[dev-packages]\nopenai = {version = \"*\"}\n"}, `
pyproject.toml:10:20 openai "==1.66.0" "1.66.0" "1.66.0"
pyproject.toml:11:3 litellm "==1.63.7" "1.63.7" "1.63.7"
pyproject.toml:11:44 openai "<3" "" "<3"
Pipfile:2:1 litellm "==1.63.7" "1.63.7" "1.63.7"
Pipfile:4:1 openai "" "" ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, r := range find(c.files...) {
				got += "\n" + shown(r)
				if r.File != r.At.File {
					t.Errorf("%s stands in %s", r.File, r.At.File)
				}
			}
			if got != c.want {
				t.Errorf("got%s\nwant%s", got, c.want)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	lock := func(version string) string { return "[[package]]\nname = \"litellm\"\nversion = \"" + version + "\"\n" }
	for _, c := range []struct {
		name  string
		files []string
		pkg   string
		want  string // file and the newest, "" for nothing
	}{
		{"nothing", []string{"requirements.txt", "openai==1\n"}, "litellm", ""},
		{"lock before pin before range", []string{"pyproject.toml", "[project]\ndependencies=['litellm<2']", "requirements.txt", "litellm==1.69\n", "uv.lock", lock("1.63.7")}, "litellm", "uv.lock 1.63.7"},
		{"pin before range", []string{"pyproject.toml", "[project]\ndependencies=['litellm<1.50']", "requirements.txt", "litellm==1.69\n"}, "litellm", "requirements.txt 1.69"},
		{"the lowest bound", []string{"requirements.txt", "litellm>=1.5\n", "pyproject.toml", "[project]\ndependencies=['litellm<2']", "constraints.txt", "litellm<=1.68.2\n"}, "litellm", "constraints.txt 1.68.2"},
		{"a range before what is unknown", []string{"a-requirements.txt", "litellm @ file:x\n", "requirements.txt", "litellm\n"}, "litellm", "requirements.txt "},
		{"a pin before a broken lock", []string{"uv.lock", lock("x"), "requirements.txt", "litellm==1.69\n"}, "litellm", "requirements.txt 1.69"},
		{"the root's lock", []string{"examples/uv.lock", lock("1.81"), "poetry.lock", lock("1.63.7")}, "litellm", "poetry.lock 1.63.7"},
		{"a fork's newest", []string{"uv.lock", lock("1.63.7") + lock("1.81.12") + lock("1.70")}, "litellm", "uv.lock 1.81.12"},
		{"unconditional first", []string{"requirements.txt", "litellm==1.60; python_version<'3.9'\nlitellm==1.63.7\nlitellm==1.64\n"}, "litellm", "requirements.txt 1.63.7"},
		{"dspy-ai is dspy", []string{"requirements.txt", "dspy-ai==2.6.4\n"}, "dspy", "requirements.txt 2.6.4"},
	} {
		r, ok := Decide(find(c.files...), c.pkg)
		got := ""
		if ok {
			got = r.File + " " + r.Newest.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFindRequirementsBounds(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("#\n", maxRequirement/2) + "litellm==1.82.7\n"
	if got := find("requirements.txt", big); len(got) != 0 {
		t.Errorf("a file over the bound is read: %v", got)
	}
	var files []string
	for i := range 3 * maxRequirements {
		files = append(files, fmt.Sprintf("+r%d.txt", i), fmt.Sprintf("-r r%d.txt\nlitellm\n", i+1))
	}
	if got := find(append([]string{"requirements.txt", "-r r0.txt\n"}, files...)...); len(got) != maxRequirements-1 {
		t.Errorf("%d of a chain of files are read", len(got))
	}
	// What nests, or never ends, is read in one pass: quadratic, this would not end.
	for _, piece := range []string{"[", "a={", "a.", "a=[\n", `{"a":`, "a\\\n", `"""`, "'", "a=[{b=", "-r \\\n"} {
		hostile := strings.Repeat(piece, 1<<18)
		for _, name := range []string{"uv.lock", "Pipfile.lock", "requirements.txt", "pyproject.toml"} {
			if got := find(name, "[project]\ndependencies=[\n"+hostile); len(got) != 0 {
				t.Errorf("%s of %q: %v", name, piece, got[0])
			}
		}
	}
}

func FuzzRequirements(f *testing.F) {
	for _, seed := range []string{
		"[[package]]\nname = \"litellm\"\nversion = \"1.63.7\"\n", "[project]\ndependencies = [\"litellm[proxy]>=1.59,<1.69; python_version>'3'\"]\n",
		"[tool.poetry.dependencies]\nlitellm = {version = \"^1.63||~2\"}\n", `{"default": {"litellm": {"version": "==1.63.7"}}}`,
		"litellm[proxy]~=1.63.7 \\\n --hash=sha256:0 # c\n-r other.txt\nopenai @ file:x\n", "\xff\xfel\x00i\x00", "a='''\n", "\ufeffdspy!=2.*,>1!2.post1.dev3+x.y\r",
		"[packages\n'openai'.version = \"\"\"<1.69\"\"\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		names := []string{"uv.lock", "Pipfile.lock", "requirements.txt", "pyproject.toml", "Pipfile"}
		reqs := FindRequirements(func(string) ([]byte, error) { return data, nil }, func() []string { return names })
		for _, r := range reqs {
			if strings.Trim(r.Spec, "=!<>~^|,.*+-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				t.Errorf("%q is shown", r.Spec)
			}
			if r.At.Line < 1 || r.At.Column < 1 || r.At.Line > len(data)+1 {
				t.Errorf("stands at %v", r.At)
			}
			if again, ok := parseSpecifier(r.Spec, poetry); !ok || again.String() != r.Spec {
				t.Errorf("%q is shown, and not read again", r.Spec)
			}
		}
		for _, c := range Compromised(reqs) {
			if c.Breaks != (c.ID == VersionCompromised) {
				t.Errorf("%s breaks: %v", c.ID, c.Breaks)
			}
		}
		Decide(reqs, "dspy")
	})
}

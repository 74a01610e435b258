package litellm

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDotEnvAsks: a .env file is read to an end. Names are Python's, positions lie
// in the file, no variable of the runner's is ever looked up, and reading again
// gives the same.
func FuzzDotEnvAsks(f *testing.F) {
	for _, text := range []string{
		"A=1\nexport B='x' # c\nC=\"a\\nb\n${A}\"\n", "\ufeffA\r\n'B'=2\rC=${A:-d}${NONE}${:-}", "A=\"never closed\nB=\\", "A=\xff",
		"A=${ACTIONS_ID_TOKEN_REQUEST_TOKEN}${GITHUB_TOKEN:-x}${os.environ/INPUT_X}\n", "A=${A}${A}\nA=${A}${A}\nA=${A}${A}\n", "A=xy\n" + strings.Repeat("A=${A}${A}\n", 40), "é=1\n\u00a0B\u00a0=2\u2028C=3",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		env := func(name string) Value {
			if Refused(name) {
				t.Fatalf("asked for %q", name)
			}
			return Value{}
		}
		values := ParseDotEnv(data, ".env", env)
		if !utf8.Valid(data) && len(values) > 0 {
			t.Errorf("%d values of no text", len(values))
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for name, v := range values {
			if v.At.Line < 1 || v.At.Line > lines || v.At.Column < 1 || v.At.File != ".env" || v.Var != name {
				t.Errorf("%q is at %+v of %d lines", name, v.At, lines)
			}
			if n := len(v.Text.Reveal()); n > 1<<20 {
				t.Errorf("%q has %d bytes of a file of %d", name, n, len(data))
			}
		}
		again := ParseDotEnv(data, ".env", env)
		if !maps.EqualFunc(values, again, func(a, b Value) bool { return a.Set == b.Set && a.Text.Reveal() == b.Text.Reveal() && a.At == b.At }) {
			t.Error("read again, it is another")
		}
	})
}

// requirementFiles are the names whose readers FuzzRequirementsAsk meets.
var requirementFiles = []string{"requirements.txt", "poetry.lock", "uv.lock", "Pipfile.lock", "pyproject.toml", "Pipfile", "pylock.toml", "constraints.txt", "requirements/dev.txt"}

// FuzzRequirementsAsk: a lock or requirements file is read to an end, whatever its
// format is said to be. No file outside of the workspace is asked for, and what
// is found has a place, can be compared and decides alike however often.
func FuzzRequirementsAsk(f *testing.F) {
	for _, text := range []string{
		"litellm==1.63.7\n-r other.txt\n-c ../../etc/passwd\nopenai>=1.2,<2 ; python_version<'3.9' --hash=sha256:x \\\n  more\n",
		"[[package]]\nname = \"litellm\"\nversion = \"1.82.8\"\n[[package]]\nname='openai'\nversion='1.0'\n", "{\"default\":{\"litellm\":{\"version\":\"==1.2\"}},\"develop\":[]}",
		"[project]\ndependencies=[\"litellm[proxy]~=1.60\", \"dspy-ai>2\",]\n[tool.poetry.dependencies]\nlitellm={version=\"^1.2\",optional=true}\n", "[packages]\nlitellm = \"*\"\n",
		"a = \"\"\"\nlitellm\n\"\"\"\nb = '''x", "litellm @ git+https://a@b/c@v1#egg=x\n", "--index-url https://u:p@h/\n", "\xff\xfel\x00i\x00t\x00", strings.Repeat("[", 2000), "litellm===1!2.0.post1.dev3+local ; extra == '",
	} {
		for i := range requirementFiles {
			f.Add([]byte(text), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, pick uint8) {
		name := requirementFiles[int(pick)%len(requirementFiles)]
		asked := 0
		read := func(n string) ([]byte, error) {
			if strings.HasPrefix(n, "/") || n == ".." || strings.HasPrefix(n, "../") || strings.Contains(n, "/../") {
				t.Fatalf("asked for %q", n)
			}
			if asked++; asked > 1000 {
				t.Fatal("asked for a thousand files")
			}
			if n == name || n == "other.txt" {
				return data, nil
			}
			return nil, errors.New("no such file")
		}
		reqs := FindRequirements(read, func() []string { return []string{name} })
		for _, r := range reqs {
			if r.At.Line < 1 || r.At.Column < 1 || r.Package == "" || !utf8.ValidString(r.Package) {
				t.Errorf("%+v", r)
			}
		}
		Compromised(reqs)
		for _, pkg := range []string{"litellm", "openai", "dspy"} {
			if r, ok := Decide(reqs, pkg); ok && normalName(r.Package) != r.Package {
				t.Errorf("%s is decided by %+v", pkg, r)
			}
		}
	})
}

package litellm

import "testing"

func TestArchived(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, name, version string }{
		{"litellm @ https://files.example/aa/litellm-1.82.8-py3-none-any.whl#sha256=ab", "litellm", "1.82.8"},
		{"litellm[proxy]@https://files.example/litellm-1.82.8-py3-none-any.whl?x=1", "litellm", "1.82.8"},
		{"https://user@files.example/litellm-1.82.8-py3-none-any.whl", "litellm", "1.82.8"},
		{"./vendor/litellm-1.82.8.tar.gz", "litellm", "1.82.8"},
		{"vendor/azure_identity-1.19.0-1-py3-none-any.whl", "azure_identity", "1.19.0"},
		{"litellm @ git+https://github.com/BerriAI/litellm@v1.82.7", "", ""},
		{"litellm==1.82.8", "", ""},
		{"litellm @ https://files.example/litellm-latest.tar.gz", "", ""},
		{"-1.0.zip", "", ""},
		{"x.whl", "", ""},
		{"", "", ""},
	} {
		name, version, ok := archived(c.text)
		if ok != (c.name != "") || ok && (name != c.name || version != c.version) {
			t.Errorf("%q is %q %q, %t", c.text, name, version, ok)
		}
	}
}

// TestCompromisedArchives: a distribution's file name pins as a version does,
// and a constraint keeps a release from a range.
func TestCompromisedArchives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files map[string]string
		list  []string
		want  string // id and place of the only cause
		line  int
	}{
		{"address", map[string]string{"requirements.txt": "pytest\nlitellm @ https://files.example/litellm-1.82.8-py3-none-any.whl ; python_version > '3'\n"}, []string{"requirements.txt"}, VersionCompromised, 2},
		{"address alone", map[string]string{"requirements.txt": "https://files.example/litellm-1.82.7-py3-none-any.whl --hash=sha256:ab\n"}, []string{"requirements.txt"}, VersionCompromised, 1},
		{"Poetry", map[string]string{"pyproject.toml": "[tool.poetry.dependencies]\nlitellm = {url = \"https://files.example/litellm-1.82.7-py3-none-any.whl\"}\n"}, []string{"pyproject.toml"}, VersionCompromised, 2},
		{"uv", map[string]string{"pyproject.toml": "[tool.uv.sources]\nlitellm = { path = \"../litellm-1.82.7-py3-none-any.whl\" }\n"}, []string{"pyproject.toml"}, VersionCompromised, 2},
		{"a range", map[string]string{"requirements.txt": "-c bounds.txt\nlitellm>=1.80\n", "bounds.txt": "litellm<3\n"}, []string{"requirements.txt"}, VersionAdmits, 0},
		{"a constraint", map[string]string{"requirements.txt": "-c bounds.txt\nlitellm>=1.80\n", "bounds.txt": "litellm<1.82.7\n"}, []string{"requirements.txt"}, "", 0},
		{"a condition is no constraint", map[string]string{"requirements.txt": "--constraint bounds.txt\nlitellm>=1.80\n", "bounds.txt": "litellm<1.82.7; sys_platform == 'win32'\n"}, []string{"requirements.txt"}, VersionAdmits, 2},
		{"another list is no constraint", map[string]string{"requirements.txt": "-r more.txt\nlitellm>=1.80\n", "more.txt": "litellm<1.82.7\n"}, []string{"requirements.txt"}, VersionAdmits, 2},
		{"uv's constraint", map[string]string{"pyproject.toml": "[project]\ndependencies = [\"litellm\"]\n[tool.uv]\nconstraint-dependencies = [\"litellm!=1.82.7,!=1.82.8\"]\n"}, []string{"pyproject.toml"}, "", 0},
	} {
		reqs := FindRequirements(configTree(c.files), func() []string { return c.list })
		causes := Compromised(reqs)
		if c.want == "" {
			if len(causes) > 0 {
				t.Errorf("%s: %+v", c.name, causes)
			}
			continue
		}
		if len(causes) == 0 || causes[len(causes)-1].ID != c.want || c.line > 0 && causes[len(causes)-1].Value.At.Line != c.line {
			t.Errorf("%s: %+v", c.name, causes)
		}
	}
}

package litellm

import (
	"fmt"
	"strings"
	"testing"
)

func TestCompromised(t *testing.T) {
	t.Parallel()
	lock := func(version string) string { return "[[package]]\nname = \"litellm\"\nversion = \"" + version + "\"\n" }
	for _, c := range []struct {
		name  string
		files []string
		want  string // id and place of each, and for ranges what is admitted
	}{
		{"pins", []string{"requirements.txt", "openai\nlitellm==1.82.7\nlitellm[proxy]==1.82.8 --hash=sha256:0\nlitellm===v1.82.8.0\n"},
			"litellm-version-compromised 2:1; litellm-version-compromised 3:1; litellm-version-compromised 4:1; "},
		{"locks", []string{"uv.lock", lock("1.82.8"), "Pipfile.lock", `{"develop": {"litellm": {"version": "==1.82.7"}}}`},
			"litellm-version-compromised 3:1; litellm-version-compromised 1:26; "},
		{"good pins, other packages", []string{"requirements.txt", "litellm==1.82.6\nopenai==1.82.7\nlitellm==1.82.9\n"}, ""},
		{"ranges", []string{"requirements.txt", "litellm>=1.59\nlitellm\nlitellm~=1.82.8\nlitellm<=1.82.7,>1.82\nlitellm!=1.82.8,!=1.82.7\nlitellm<1.82.7\nlitellm<1.82.8rc1\n"},
			"litellm-version-admits-compromised 1:1 1.82.7 and 1.82.8; litellm-version-admits-compromised 2:1 1.82.7 and 1.82.8; litellm-version-admits-compromised 3:1 1.82.8; litellm-version-admits-compromised 4:1 1.82.7; litellm-version-admits-compromised 7:1 1.82.7; "},
		{"what is unknown admits nothing that could be told", []string{"requirements.txt", "litellm @ https://host.example/x.whl\nlitellm==main\n"}, ""},
		{"a good lock answers for a range", []string{"pyproject.toml", "[project]\ndependencies=['litellm>=1.59']", "uv.lock", lock("1.81.12")}, ""},
		{"so does a good pin", []string{"requirements.in", "litellm\n", "requirements.txt", "litellm==1.81.12\n"}, ""},
		{"also for the folders below", []string{"app/pyproject.toml", "[project]\ndependencies=['litellm>=1.59']", "uv.lock", lock("1.81.12")}, ""},
		{"not for those above and beside", []string{"pyproject.toml", "[project]\ndependencies=['litellm>=1.59']", "app/uv.lock", lock("1.81.12"), "app2/requirements.txt", "litellm\n"},
			"litellm-version-admits-compromised 2:16 1.82.7 and 1.82.8; litellm-version-admits-compromised 1:1 1.82.7 and 1.82.8; "},
		{"a bad lock does not", []string{"pyproject.toml", "[project]\ndependencies=['litellm>=1.59']", "uv.lock", lock("1.82.7")},
			"litellm-version-admits-compromised 2:16 1.82.7 and 1.82.8; litellm-version-compromised 3:1; "},
		{"nor a pin under a condition", []string{"requirements.txt", "litellm==1.81.12; python_version<'3.9'\nlitellm\n"},
			"litellm-version-admits-compromised 2:1 1.82.7 and 1.82.8; "},
	} {
		got := ""
		for _, cause := range Compromised(find(c.files...)) {
			got += fmt.Sprintf("%s %d:%d", cause.ID, cause.Value.At.Line, cause.Value.At.Column)
			if _, admitted, ok := strings.Cut(cause.Detail, "admits litellm "); ok {
				admitted, _, _ = strings.Cut(admitted, ",")
				got += " " + admitted
			}
			got += "; "
			if cause.Breaks != (cause.ID == VersionCompromised) || cause.Param != "litellm" || cause.Value.Set {
				t.Errorf("%s: %+v", c.name, cause)
			}
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestCompromisedReleasesAreVersionsWithAdvisories(t *testing.T) {
	t.Parallel()
	for _, r := range CompromisedReleases() {
		if _, ok := ParseVersion(r.Version); !ok || r.Does == "" || len(r.Advisories) == 0 {
			t.Errorf("%+v", r)
		}
		for _, a := range r.Advisories {
			if !strings.HasPrefix(a, "https://") {
				t.Errorf("%s: %q", r.Version, a)
			}
		}
	}
}

package preflight_test

import (
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestFolders looks for the version in the workspace's folders: 1.66.0 drops
// the token provider, 1.81.12 does not.
func TestFolders(t *testing.T) {
	t.Parallel()
	const bad, good = "litellm==1.66.0\n", "litellm==1.81.12\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"below", map[string]string{"evals/requirements.txt": bad}, "litellm-token-provider-dropped"},
		{"the root decides", map[string]string{"evals/requirements.txt": bad, "requirements.txt": good}, ""},
		{"the root's range decides", map[string]string{"evals/requirements.txt": bad, "pyproject.toml": "[project]\ndependencies = [\"litellm>=1.69,<1.82\"]\n"}, ""},
		{"folders that disagree", map[string]string{"evals/requirements.txt": bad, "app/requirements.txt": good}, ""},
		{"the folder requirements", map[string]string{"requirements/test.txt": bad, "app/requirements.txt": good}, "litellm-token-provider-dropped"},
		{"what is installed", map[string]string{"venv/requirements.txt": bad}, ""},
		{"two levels below", map[string]string{"a/b/requirements.txt": bad}, ""},
		{"compromised below", map[string]string{"evals/requirements.txt": "litellm==1.82.8\n", "requirements.txt": good}, "litellm-version-compromised"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := perform(t, azurelab.Healthy(), func(env map[string]string) {
					env["INPUT_CLIENT"], env["INPUT_API-VERSION"] = "litellm", "2024-10-21"
					checkOut(t, env, c.files)
				})
				if got := o.outputs["diagnosis"]; got != c.want {
					t.Errorf("diagnosis %q, want %q", got, c.want)
				}
			})
		})
	}
}

package azurelab

import (
	"slices"
	"strings"
	"testing"
)

// TestConsoleRefuses: what the lab does not know, or what a shell would not
// read as it was meant, is an error and not ignored.
func TestConsoleRefuses(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`az account list`:                             "no command",
		`az account show --tenant x`:                  "no option --tenant",
		`az account show -o table`:                    `no output "table"`,
		`az account show --query "[0].x" -o tsv`:      "does not know the query",
		`az account show --query "[].tenantId"`:       "does not fit",
		`az account show --query -o tsv`:              "no option with a value",
		`az account show -o tsv -o tsv`:               "given twice",
		`az ad app create --display-name x`:           "needs --sign-in-audience",
		`az ad app list --filter "appId eq 'x'"`:      "is not displayName eq",
		`az ad sp list --filter "appId eq 'x'"`:       "Request_BadRequest",
		`az ad sp create --id x`:                      "no application x",
		`az login --tenant fabrikam.example`:          "no tenant",
		`az cloud set --name AzureUSGovernment`:       "not in the cloud",
		`az identity show -n x -g octo`:               "ResourceNotFound",
		`az identity create -n x -g octo`:             "InvalidResourceName",
		`az identity create -n octo-id -g elsewhere`:  "ResourceGroupNotFound",
		`curl https://x.example`:                      "no such program",
		`gh api repos`:                                "no command",
		`gh variable set A --body x --repo other/one`: "no repository",
		`echo $HOME`:                 "not in quotes",
		`echo "$HOME"`:               "HOME is not set",
		`echo a*`:                    "not in quotes",
		`echo {a,b}`:                 "not in quotes",
		`echo ~`:                     "not in quotes",
		"echo `id`":                  "not in quotes",
		"echo \"`id`\"":              "in double quotes",
		`echo "a!b"`:                 "in double quotes",
		`echo "a\b"`:                 "in double quotes",
		`echo 'a`:                    "not closed",
		`echo "a`:                    "not closed",
		`echo "$(echo a"`:            "not closed",
		`echo "$((1))"`:              "arithmetic",
		`echo "${X%a}"`:              "does not know",
		`echo "${X:?there is none}"`: "X: there is none",
		`echo a | cat`:               "not expected",
		`echo a > file`:              "not in quotes",
		`echo a &`:                   "not expected",
		`echo a && `:                 "where a command should begin",
		`X=a echo b`:                 "not expected",
		`# a comment`:                "not in quotes",
		`[ -z "" ]`:                  "does not know the test",
		`[ a = b ]`:                  "the script failed",
		`echo a && { [ a = b ] || { echo "why" >&2; false; }; } && echo b`: "the script failed: why",
		`X="$(false)"`: "substitution failed",
		`{ echo a }`:   "not in quotes",
		``:             "an empty list",
	} {
		out, err := Empty().Console().Run(script)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nprinted %q, error %v; want %q", script, out, err, want)
		}
	}
}

// TestConsoleReads: quotes, substitutions and operators come out as in a shell.
func TestConsoleReads(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`echo a 'b  c' "d'e" f'g'"h"\'i`:           "a b  c d'e fgh'i\n",
		`echo ''`:                                  "\n",
		`X=a; echo "$X${X}"`:                       "aa\n",
		`X= && echo "${X:-b c}"`:                   "b c\n",
		`X="$(echo "a b")" && echo "[$X]"`:         "[a b]\n",
		"false || echo a &&\n  echo b":             "a\nb\n",
		`false && echo a || echo b`:                "b\n",
		`{ [ -n "" ] || echo a; } && : && echo b`:  "a\nb\n",
		`echo hidden >&2`:                          "",
		`az account show --query tenantId -o tsv`:  tenantID + "\n",
		`az account show --query tenantId -o none`: "",
		`az cognitiveservices account list --query "[?properties.customSubDomainName=='other'].id | [0]" -o tsv`:                 "",
		`az cognitiveservices account list --query "[?properties.customSubDomainName=='octo-aoai'].name | [0]" -o tsv`:           "octo-aoai\n",
		`az cognitiveservices account list --query "[?properties.customSubDomainName=='other'].id | [0] || 'none'" -o tsv`:       "none\n",
		`az cognitiveservices account list --query "[?properties.customSubDomainName=='octo-aoai'].name | [0] || 'none'" -o tsv`: "octo-aoai\n",
	} {
		out, err := Empty().Console().Run(script)
		if err != nil || out != want {
			t.Errorf("%s\nprinted %q, error %v; want %q", script, out, err, want)
		}
	}
}

// TestConsoleServices: the services refuse a second credential of the same name
// or subject, and a role for nobody.
func TestConsoleServices(t *testing.T) {
	t.Parallel()
	w := Empty()
	c := w.Console()
	run := func(script, refusal string) {
		t.Helper()
		_, err := c.Run(script)
		if refusal == "" && err != nil || refusal != "" && (err == nil || !strings.Contains(err.Error(), refusal)) {
			t.Errorf("%s\nerror %v, want %q", script, err, refusal)
		}
	}
	const create = `az ad app federated-credential create --id "$ID" --parameters `
	run(`ID="$(az ad app create --display-name octo --sign-in-audience AzureADMyOrg --query appId -o tsv)"`, "")
	run(create+`'{"name":"main","issuer":"https://i.example","subject":"s","audiences":["a"]}'`, "")
	run(create+`'{"name":"main","issuer":"https://i.example","subject":"t","audiences":["a"]}'`, "already exists")
	run(create+`'{"name":"other","issuer":"https://i.example","subject":"s","audiences":["a"]}'`, "must be unique")
	run(create+`'{"name":"a b","issuer":"https://i.example","subject":"t","audiences":["a"]}'`, "no name")
	run(create+`'{"name":"more","issuer":"https://i.example","subject":"t","audiences":["a","b"]}'`, "one audience")
	run(create+`'{"name":"more","issuer":"https://i.example","subject":"t","audiences":["a"],"x":1}'`, "JSON")
	run(`az ad sp create --id "$ID"`, "")
	run(`az ad sp create --id "$ID"`, "already in use")

	const identity = `az identity federated-credential create --identity-name octo-id -g octo --issuer https://i.example --audiences a `
	run(`az identity create -n octo-id -g octo`, "")
	run(identity+`--name main --subject s`, "")
	run(identity+`--name main --subject t`, "")
	run(identity+`--name other --subject t`, "must be unique")
	if got := w.Managed[0].Federated; len(got) != 1 || got[0].Subject != "t" {
		t.Errorf("the identity has the credentials %+v", got)
	}

	const role = `--assignee-principal-type ServicePrincipal --role ` + OpenAIUser + ` --scope `
	run(`az role assignment create --assignee-object-id nobody `+role+`"$(az cognitiveservices account show -n octo-aoai -g octo --query id -o tsv)"`, "no principal")
	run(`az role assignment create --assignee-object-id nobody `+role+`/subscriptions/x`, "no resource")
	if got := c.Calls[0].Args[:4]; !slices.Equal(got, []string{"az", "ad", "app", "create"}) {
		t.Errorf("the first call is %q", got)
	}
}

package preflight

import (
	"bytes"
	"encoding/json"
	"strings"
)

// The commands of a set-up, for a POSIX shell. Each looks before it creates, or
// is one that az makes a create-or-update, so that the whole may be run again.
// There are no comments among them: zsh does not take them at its prompt.

// openAIUser is the role Cognitive Services OpenAI User. Roles are renamed, ids
// are not.
const openAIUser = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"

// signIn are the commands that put az where the others need it.
func (p *setupPlan) signIn() []string {
	var out []string
	switch p.cloud.Name {
	case "usgov":
		out = append(out, "az cloud set --name AzureUSGovernment")
	case "china":
		out = append(out, "az cloud set --name AzureChinaCloud")
	}
	login := []string{"az", "login"}
	if p.tenantID != "" {
		login = append(login, "--tenant", p.tenantID)
	}
	return append(out, command(login...))
}

// commands create the identity, its federated credentials and its role. What
// can fail without having changed anything comes first.
func (p *setupPlan) commands() []string {
	out := []string{assign("TENANT_ID", "az", "account", "show", "--query", "tenantId", "-o", "tsv")}
	if guid().MatchString(p.tenantID) {
		out = append(out, `{ [ "$TENANT_ID" = `+p.tenantID+` ] || { echo "az is signed in to the tenant $TENANT_ID" >&2; false; }; }`)
	}
	if p.resource != "" {
		out = append(out, assign("RESOURCE_ID", "az", "cognitiveservices", "account", "show", "--name", p.resource, "--resource-group", p.resourceGroup, "--query", "id", "-o", "tsv"))
	} else {
		out = append(out,
			assign("RESOURCE_ID", "az", "cognitiveservices", "account", "list", "--query", "[?properties.customSubDomainName=='"+p.subdomain+"'].id | [0]", "-o", "tsv"),
			// An empty scope would be the whole subscription.
			`: "${RESOURCE_ID:?the subscription of az has no resource with the subdomain `+p.subdomain+`; choose another, or give --resource and --resource-group}"`)
	}
	if p.Identity == "managed" {
		out = append(out, p.managedCommands()...)
	} else {
		out = append(out, p.appCommands()...)
	}
	return append(out,
		`az role assignment create --assignee-object-id "$PRINCIPAL_ID" --assignee-principal-type ServicePrincipal --role `+openAIUser+` --scope "$RESOURCE_ID" -o none`,
		`echo "tenant-id $TENANT_ID, client-id $CLIENT_ID"`)
}

// appCommands look for the application first: that az's create finds one of
// the same name by itself is going to change.
// https://github.com/Azure/azure-cli/issues/30427
func (p *setupPlan) appCommands() []string {
	out := []string{
		assign("CLIENT_ID", "az", "ad", "app", "list", "--filter", "displayName eq '"+p.Name+"'", "--query", "[].appId", "-o", "tsv"),
		assignUnset("CLIENT_ID", "az ad app create --display-name "+shellWord(p.Name)+" --sign-in-audience AzureADMyOrg --query appId -o tsv"),
		`PRINCIPAL_ID="$(az ad sp list --filter "appId eq '$CLIENT_ID'" --query "[].id" -o tsv)"`,
		assignUnset("PRINCIPAL_ID", `az ad sp create --id "$CLIENT_ID" --query id -o tsv`),
	}
	for _, c := range p.Credentials {
		var parameters bytes.Buffer
		enc := json.NewEncoder(&parameters)
		enc.SetEscapeHTML(false) // the shell's quotes are what protects it
		_ = enc.Encode(struct {  // cannot fail: strings only
			Name      string   `json:"name"`
			Issuer    string   `json:"issuer"`
			Subject   string   `json:"subject"`
			Audiences []string `json:"audiences"`
		}{c.Name, p.Issuer, c.Subject, []string{p.Audience}})
		out = append(out, `{ [ -n "$(az ad app federated-credential list --id "$CLIENT_ID" --query `+shellWord(p.same(c))+` -o tsv)" ] || `+
			`az ad app federated-credential create --id "$CLIENT_ID" --parameters `+shellWord(strings.TrimSpace(parameters.String()))+` -o none; }`)
	}
	return out
}

// same finds a credential by issuer and subject, which no two credentials of an
// application or identity may share, whatever its name is.
func (p *setupPlan) same(c setupCredential) string {
	return "[?issuer==" + jmesString(p.Issuer) + " && subject==" + jmesString(c.Subject) + "].id"
}

// managedCommands are for a user-assigned identity, where every create of az is
// a create-or-update by name.
func (p *setupPlan) managedCommands() []string {
	show := func(property string) []string {
		return []string{"az", "identity", "show", "--name", p.Name, "--resource-group", p.resourceGroup, "--query", property, "-o", "tsv"}
	}
	out := []string{
		command("az", "identity", "create", "--name", p.Name, "--resource-group", p.resourceGroup, "-o", "none"),
		assign("CLIENT_ID", show("clientId")...),
		assign("PRINCIPAL_ID", show("principalId")...),
	}
	for _, c := range p.Credentials {
		out = append(out, `{ [ -n "$(`+command("az", "identity", "federated-credential", "list", "--identity-name", p.Name, "--resource-group", p.resourceGroup)+` --query `+shellWord(p.same(c))+` -o tsv)" ] || `+
			command("az", "identity", "federated-credential", "create", "--name", c.Name, "--identity-name", p.Name, "--resource-group", p.resourceGroup,
				"--issuer", p.Issuer, "--subject", c.Subject, "--audiences", p.Audience, "-o", "none")+`; }`)
	}
	return out
}

// store are the commands that make the ids variables of the repository. They
// are not secret.
func (p *setupPlan) store() []string {
	repository := p.Repository
	if p.Server != gitHubCom {
		repository = strings.TrimPrefix(p.Server, "https://") + "/" + repository
	}
	out := []string{`gh variable set AZURE_CLIENT_ID --body "${CLIENT_ID:?the script above has not set it}" --repo ` + shellWord(repository)}
	if p.tenantID == "" {
		out = append([]string{`gh variable set AZURE_TENANT_ID --body "${TENANT_ID:?the script above has not set it}" --repo ` + shellWord(repository)}, out...)
	}
	return out
}

// assign is a variable that takes what a command prints.
func assign(variable string, words ...string) string {
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return variable + `="$(` + strings.Join(words, " ") + `)"`
}

// assignUnset is the same for a variable that is empty so far.
func assignUnset(variable, line string) string {
	return variable + `="${` + variable + `:-$(` + line + `)}"`
}

// shellWord is s as one word of a POSIX shell: in double quotes when it holds
// single ones and nothing that is special in double ones, which reads better.
func shellWord(s string) string {
	if strings.Contains(s, "'") && !strings.ContainsAny(s, "\"$`\\!\n") {
		return `"` + s + `"`
	}
	return shellQuote(s)
}

// jmesString is a raw string of JMESPath. A backslash has no meaning in one but
// before a quote.
func jmesString(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

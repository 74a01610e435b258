package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// What the evidence of a failure names: the application, the tenant, the host,
// the resource. A run knows them from its setup, a pasted text from what the
// services repeat.

// applicationOf is the client id that the run used, or that Entra's text names.
func applicationOf(e *Evidence) string {
	return orElse(inert.Line(clientID(e)), "that client-id names")
}

func clientID(e *Evidence) string {
	switch {
	case e.Setup.ClientID != "":
		return e.Setup.ClientID
	case e.Token != nil && e.Token.AppID != "":
		return e.Token.AppID
	}
	return find(e, namedApplication())
}

// namedApplication is the application in Entra's texts.
var namedApplication = lazy(`(?i)(?:application with identifier|for app|application|app id)\s+'([0-9a-fA-F]{8}-[0-9a-fA-F-]{27})'`)

func tenantOf(e *Evidence) string {
	if t := orElse(e.Setup.TenantID, find(e, repeatedTenant())); t != "" {
		return quoted(t)
	}
	return "that was asked"
}

// hostOf is the host of the call that failed, or of the target.
func hostOf(e *Evidence) string {
	if x := failing(e); x != nil && x.Host != "" {
		return x.Host
	}
	if e.Target != nil {
		_, rest, _ := strings.Cut(e.Target.Endpoint, "://")
		host, _, _ := strings.Cut(rest, "/")
		return host
	}
	return ""
}

func hostOr(e *Evidence) string { return orElse(quotedOr(hostOf(e)), "a host that is not named") }

// resourceName is the first label of the host where that is the resource's
// custom subdomain, which by default is its name.
func resourceName(e *Evidence) string {
	host := strings.ToLower(hostOf(e))
	label, zone, ok := strings.Cut(host, ".")
	if !ok || cloudOf(host) == nil || strings.HasPrefix(zone, "api.cognitive.") || !isHostName(label) {
		return ""
	}
	return label
}

// resourceID is the resource's id as a piece of a command line: az looks it up,
// in its current subscription only. Where that has no such resource it is "none",
// which every command refuses: with nothing az would assign a role to the whole
// subscription.
func resourceID(e *Evidence) string {
	if name := resourceName(e); name != "" {
		// The subdomain need not be the account's name. It is one label of a
		// host name, so it can stand in the query as it is.
		return `"$(az cognitiveservices account list --query "[?properties.customSubDomainName=='` + name + `'].id | [0] || 'none'" -o tsv)"`
	}
	return `"$(` + command("az", "cognitiveservices", "account", "show", "-n", "<resource>", "-g", "<resource-group>", "--query", "id", "-o", "tsv") + `)"`
}

func deploymentOf(e *Evidence) string {
	if e.Target != nil {
		return e.Target.Deployment
	}
	return ""
}

func deploymentOr(e *Evidence) string { return orElse(quotedOr(deploymentOf(e)), "that was called") }

// principalID is the object id that needs the role: the token's own, or in a
// pasted text the one that the service names.
func principalID(e *Evidence) string {
	if e.Token != nil && e.Token.ObjectID != "" {
		return e.Token.ObjectID
	}
	return find(e, refusedPrincipal())
}

// otherPrincipal is the principal that the service names when it is not our
// token's: then the token that arrived was not the one that we sent.
func otherPrincipal(e *Evidence) string {
	p := find(e, refusedPrincipal())
	if e.Token == nil || e.Token.ObjectID == "" || p == "" || strings.EqualFold(p, e.Token.ObjectID) {
		return ""
	}
	return p
}

// versionOf is the API version that the call carried.
func versionOf(e *Evidence) string {
	if x := failed(e, ServiceModel); x != nil && x.APIVersion != "" {
		return x.APIVersion
	}
	if e.Target != nil {
		return e.Target.APIVersion
	}
	return ""
}

func parameterOf(e *Evidence) string {
	if x := failing(e); x != nil && x.Param != "" {
		return x.Param
	}
	return find(e, namedParameter())
}

func modelOr(e *Evidence) string {
	return orElse(quotedOr(orElse(find(e, namedModel()), e.Model)), "of the deployment")
}

func messageOf(e *Evidence) string {
	if x := failing(e); x != nil {
		return inert.Line(x.Message)
	}
	return ""
}

func requestID(e *Evidence) string {
	x := failing(e)
	if x == nil {
		return ""
	}
	for _, name := range []string{"apim-request-id", "x-request-id", "x-ms-request-id", "x-ms-client-request-id"} {
		if id := x.Header[name]; id != "" {
			return id
		}
	}
	return ""
}

// storeSecret makes a secret of what a command prints, and leaves the old one
// alone where that fails. Without the repository gh takes that of the folder
// where it runs, which may be another one.
func storeSecret(e *Evidence, name, from string) string {
	return "value=$(" + from + ") && printf %s \"$value\" | " + command(append([]string{"gh", "secret", "set", name}, repositoryFlag(e)...)...)
}

// repositoryFlag names the run's repository to gh, with the host where that is
// not github.com.
func repositoryFlag(e *Evidence) []string {
	repository := e.Job.Repository
	if e.Job.Server != "" && e.Job.Server != gitHubCom {
		repository = strings.TrimPrefix(e.Job.Server, "https://") + "/" + repository
	}
	if arg(e.Job.Repository, "") == "" || arg(repository, "") == "" {
		return nil
	}
	return []string{"--repo", repository}
}

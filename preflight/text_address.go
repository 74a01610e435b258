package preflight

import (
	"net/url"
	"slices"
	"strings"
)

// Whose error a text shows: by the addresses in it and above it, or by words
// that only one chain uses.

// What names somebody: addresses, the hosts of the chain without a scheme, and
// what clients say of a host that they could not reach.
var (
	addresses = lazy(`(?:https?|wss?)://[^\s"'<>` + "`" + `\\)\]}|,]+`)
	ourHosts  = lazy(`(?i)\b(?:[a-z0-9*_-]+\.)+(?:openai\.azure\.(?:com|us|cn)|cognitiveservices\.azure\.(?:com|us|cn)|services\.ai\.azure\.(?:com|us|cn)|api\.cognitive\.(?:microsoft|azure)\.(?:com|us|cn)|azure-api\.net|actions\.githubusercontent\.com)\b|\blogin\.(?:partner\.)?(?:microsoftonline|windows|microsoft|chinacloudapi)\.(?:com|us|net|cn|de)\b|\b169\.254\.169\.254\b`)
	anyHosts  = lazy(`(?i)\b(?:ENOTFOUND|EAI_AGAIN|lookup|resolve host:?|resolve|host=|Host|connect to host|to|dial tcp)[ \t]*:?[ \t]*['"(]?((?:[a-z0-9_-]+\.)+[a-z]{2,})\b|\b((?:[a-z0-9_-]+\.)+[a-z]{2,}):(?:443|80|8443)\b`)
)

// readAddress finds out who was asked and where: the address nearest to the
// error that is not a page of documentation. A request for a token further up
// is not the one that a client of the model complains about.
func readAddress(e *Evidence, x *Exchange, text, before string) {
	above := addressesIn(before)
	slices.Reverse(above)
	known := hostsIn(before)
	slices.Reverse(known)
	speaksOfModel := modelClient().MatchString(text)
	own := addressesIn(text)
	for i, list := range [][]*url.URL{own, hostsIn(text), above, known} {
		if i > 1 && (len(own) > 0 || othersConnection(text)) {
			return // it names somebody, and nobody of the chain
		}
		for _, u := range list {
			s := serviceOf(u.Hostname())
			if s == "" && !modelPath(u.Path) || i > 1 && speaksOfModel && s != ServiceModel {
				continue
			}
			setAddress(e, x, u, s)
			return
		}
	}
}

// modelClient matches the names of the clients that call a model.
var modelClient = lazy(`(?i)\bopenai\.|litellm|AzureException|ClientResultException|dspy`)

// modelPath reports whether a path on anybody's host is that of a model's call.
func modelPath(path string) bool { return modelPaths().MatchString(path) }

var modelPaths = lazy(`/openai/(?:v1|deployments|responses|models|images|files|threads|assistants|batches)\b|/chat/completions\b`)

// hostsIn are the hosts of the chain that a text names without a scheme.
func hostsIn(text string) []*url.URL {
	var out []*url.URL
	for _, h := range ourHosts().FindAllString(text, 50) {
		if u := (&url.URL{Scheme: "https", Host: strings.ToLower(h)}); !isAudience(u) {
			out = append(out, u)
		}
	}
	return out
}

func setAddress(e *Evidence, x *Exchange, u *url.URL, s Service) {
	x.Service = s
	if s == "" {
		x.Service = ServiceModel
	}
	x.Host, x.Path, x.APIVersion = strings.ToLower(u.Host), u.Path, u.Query().Get("api-version")
	if x.Service != ServiceModel {
		return
	}
	t := &Target{Endpoint: strings.Replace(u.Scheme, "ws", "http", 1) + "://" + x.Host, APIVersion: x.APIVersion}
	switch {
	case strings.Contains(u.Path, "/openai/v1"):
		t.Route = RouteV1
	case strings.Contains(u.Path, "/deployments/"):
		t.Route = RouteDeployments
		_, rest, _ := strings.Cut(u.Path, "/deployments/")
		t.Deployment, _, _ = strings.Cut(rest, "/")
	}
	e.Target = t
}

// addressesIn are the addresses of a text that somebody may have called.
func addressesIn(text string) []*url.URL {
	var out []*url.URL
	for _, m := range addresses().FindAllString(text, 50) {
		u, err := url.Parse(strings.TrimRight(m, ".;:!?*_"))
		if err != nil || isDocumentation(u) || isAudience(u) {
			continue
		}
		out = append(out, u)
	}
	return out
}

func isDocumentation(u *url.URL) bool {
	switch h := strings.ToLower(u.Hostname()); h {
	case "aka.ms", "go.microsoft.com", "learn.microsoft.com", "docs.microsoft.com", "github.com", "help.openai.com", "platform.openai.com", "developer.mozilla.org", "errors.pydantic.dev",
		"developer.microsoft.com", "graph.microsoft.com", "docs.github.com", "docs.litellm.ai":
		return true
	}
	return u.Path == "/error" // Entra's page of a code
}

// isAudience reports whether an address is a token's audience or issuer and
// not a place that was called.
func isAudience(u *url.URL) bool {
	switch strings.ToLower(u.Hostname()) {
	case "cognitiveservices.azure.com", "cognitiveservices.azure.us", "cognitiveservices.azure.cn", "ai.azure.com", "ai.azure.us", "ai.azure.cn",
		"token.actions.githubusercontent.com", "management.core.windows.net", "sts.windows.net":
		return true
	case "management.azure.com":
		return !managementPath(u)
	}
	return strings.HasSuffix(u.Path, "/.default")
}

// managementPath reports whether an address is one that was called at Azure
// Resource Manager, which no model is behind.
func managementPath(u *url.URL) bool {
	return strings.EqualFold(u.Hostname(), "management.azure.com") && len(u.Path) > 1 && !strings.HasSuffix(u.Path, "/.default")
}

// serviceOf tells who answers at a host, "" for a host that could be anyone's.
func serviceOf(host string) Service {
	host = strings.ToLower(host)
	switch {
	case host == "169.254.169.254":
		return ServiceIMDS
	case strings.HasPrefix(host, "login.") && ourHosts().MatchString(host), host == "sts.windows.net":
		return ServiceEntra
	case under(host, "actions.githubusercontent.com"):
		return ServiceGitHub
	case cloudOf(host) != nil, under(host, "azure-api.net"):
		return ServiceModel
	}
	return ""
}

// namesOthers reports whether an error is about somebody else: a package index
// that cannot be reached, another service's 404.
func namesOthers(x *Exchange, text string) bool {
	if x.Service != "" || len(x.AADSTS) > 0 {
		return false
	}
	if x.Fault != FaultNone && (othersConnection(text) || slices.ContainsFunc(addressesIn(text), managementPath)) {
		return true
	}
	if m := anyHosts().FindStringSubmatch(text); m != nil && x.Fault != FaultNone {
		// A masked name leaves the zone.
		host := orElse(m[1], m[2])
		return serviceOf(host) == "" && serviceOf("masked."+host) == ""
	}
	return !ourWords().MatchString(text) && slices.ContainsFunc(addressesIn(text), func(u *url.URL) bool { return serviceOf(u.Hostname()) == "" })
}

// othersAbove reports whether a connection's error that names nobody stands
// right below somebody else's address, which a wrapped line leaves there.
func othersAbove(text, before string) bool {
	above := addressesIn(lastLines(before, 5))
	if slices.ContainsFunc(above, managementPath) && !modelClient().MatchString(text) {
		return true
	}
	if ourWords().MatchString(text) || anyHosts().MatchString(text) || len(addressesIn(text)) > 0 {
		return false
	}
	return len(above) > 0 && !slices.ContainsFunc(above, func(u *url.URL) bool { return serviceOf(u.Hostname()) != "" || modelPath(u.Path) })
}

// lastLines are the last n lines of a text, each with its end.
func lastLines(text string, n int) string {
	lines := strings.SplitAfter(strings.TrimRight(text, "\n")+"\n", "\n")
	return strings.Join(lines[max(0, len(lines)-1-n):], "")
}

// othersConnection reports whether a text tells of a connection to what cannot
// be a service of the chain: a database, a cache, this machine.
func othersConnection(text string) bool {
	return otherTarget().MatchString(text) && !ourWords().MatchString(text)
}

var otherTarget = lazy(`(?i)\b(?:rediss?|postgres(?:ql)?|mysql|mariadb|mongodb|amqps?|kafka|memcached?|ftps?|smtps?|ldaps?|ssh|nats|clickhouse)(?:\+\w+)?://|\b(?:psycopg\d?|pymysql|asyncpg|pymongo|redis\.exceptions|kombu|sqlalchemy)\b|could not translate host name|\w:(?:1433|3306|5432|5672|6379|9092|9200|11211|27017)\b|\blocalhost\b|\b127\.0\.0\.1\b`)

// ourWords are those that only the chain's own errors use.
var ourWords = lazy(`(?i)azure|openai|litellm|dspy|entra\b|cognitive|microsoftonline|credential|ACTIONS_ID_TOKEN|id-token|federated|api-version|deployment|169\.254\.169\.254|content_filter|data action|max_completion_tokens|subscription key|resource tenant|AuthenticationTypeDisabled|custom subdomain|specified model|access to API/Operation|error code: [45]\d\d - \{`)

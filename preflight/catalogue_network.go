package preflight

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// The way to the service: names, connections, certificates, proxies, and the
// resource's own network rules, which answer with a 403.
var networkDiagnoses = []*Diagnosis{
	{
		ID:      "net-public-access-disabled",
		Stage:   StageNetwork,
		Area:    AreaDeployment,
		Title:   "The resource is closed to the internet",
		Setting: SettingBase,
		Reach:   ReachHost,
		When: all(says("Public access is disabled", "Public network access is disabled"),
			not("no other service of Azure's speaks", says("Vault:", "key vault", "storage account", "search.windows.net", "azurecr.io", "Cosmos DB"))),
		Cause: func(e *Evidence) string {
			return "The resource at " + hostOr(e) + " has public network access disabled, and the request came from the internet" + addressClause(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			r := allowNetwork(e, "Use a runner inside the network that has the private endpoint and its DNS zone. Or open the resource to the runner's address alone: first the rule, then public access with the default Deny, without which everybody could reach it.")
			r.Commands = append(r.Commands, command("az", "resource", "update", "--ids")+" "+resourceID(e)+" "+command("--set", "properties.networkAcls.defaultAction=Deny", "properties.publicNetworkAccess=Enabled"))
			return r
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(failedAt(e, ServiceModel) != nil || saysAny(e, "Please configure private endpoint"))
		},
		Others: []string{"net-firewall-denied"},
		Settle: "the whole text of the answer, and whose it is",
		About:  "With public network access disabled only private endpoints are served. GitHub's hosted runners come from the internet; the name must also resolve to the private address.",
		Verify: "From the runner the name resolves to a private address, and the call is answered.",
		Docs:   docsNetwork,
		Source: documented(docsNetwork),
	},
	{
		ID:      "net-vnet-wrong-endpoint",
		Stage:   StageNetwork,
		Area:    AreaDeployment,
		Title:   "A resource with network rules was called at its regional endpoint",
		Setting: SettingBase,
		Reach:   ReachCredential,
		When:    says("A Virtual Network is configured for this resource. Please use the correct endpoint"),
		Cause: func(e *Evidence) string {
			return "The resource has a virtual network configured, and it was called at " + hostOr(e) + " instead of its own subdomain."
		},
		Remedy: func(e *Evidence) Remedy {
			r := setEndpointRemedy(e)
			r.Text = "Use the resource's own endpoint, with its custom subdomain, like https://NAME.openai.azure.com; az prints it."
			return r
		},
		About:  "Network rules are bound to the custom subdomain. The regional endpoint, which many resources share, does not serve a resource with such rules.",
		Verify: "The endpoint begins with the resource's custom subdomain, and the call is answered.",
		Docs:   docsNetwork,
		Source: observed("https://github.com/continuedev/continue/issues/12547"),
	},
	{
		ID:      "net-firewall-denied",
		Stage:   StageNetwork,
		Area:    AreaDeployment,
		Title:   "The resource's firewall does not let the runner's address in",
		Setting: SettingBase,
		Reach:   ReachHost,
		When: either(says("Access denied due to Virtual Network/Firewall rules"),
			when("the answer's policy-id header is ThrowExceptionDueToTrafficDenied", func(e *Evidence) bool {
				x := failed(e, ServiceModel)
				return x != nil && containsFold(x.Header["policy-id"], "ThrowExceptionDueToTrafficDenied")
			}), says("ThrowExceptionDueToTrafficDenied")),
		Cause: func(e *Evidence) string {
			return "The network rules of the resource at " + hostOr(e) + " do not allow the address that the request came from" + addressClause(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return allowNetwork(e, "Allow the runner's outgoing address on the resource, or run on a runner inside the network: the addresses of GitHub's hosted runners change.")
		},
		About:  "The resource answers only addresses that its network rules list. The credential was not even looked at.",
		Verify: "The call is answered with anything else than this 403.",
		Docs:   docsNetwork,
		Source: observed("https://github.com/Azure-Samples/azure-sql-db-chatbot/issues/3"),
	},
	{
		ID:      "net-tls-untrusted",
		Stage:   StageNetwork,
		Area:    AreaRuntime,
		Title:   "The server's certificate is not trusted here",
		Setting: SettingBase,
		When: either(
			fault("the certificate of the service, or of a proxy in its place, cannot be verified", ServiceModel, FaultTLSTrust, FaultTLSHost, FaultTLSExpired),
			fault("the certificate of the token authority cannot be verified", ServiceEntra, FaultTLSTrust, FaultTLSHost, FaultTLSExpired)),
		Cause:   certificateFaultCause,
		Remedy:  trustCertificate,
		Certain: func(e *Evidence) Certainty { return certainIf(!e.Pasted) },
		Others:  []string{"cfg-endpoint-malformed"},
		Settle:  "the issuer and the names of the certificate that is shown",
		About: "A proxy that inspects TLS shows a certificate of its own, whose authority the image does not know; or the host of the endpoint is not the one that the certificate is for. " +
			"Switching verification off would hand the credential to whoever is in between.",
		Verify: "`openssl s_client -connect HOST:443` reports that the chain verifies, with the authority's file.",
		Docs:   docsInputs,
		Source: documented("https://pkg.go.dev/crypto/x509#UnknownAuthorityError"),
	},
	{
		ID:      "net-proxy-refused",
		Stage:   StageNetwork,
		Area:    AreaRuntime,
		Title:   "The proxy does not let the request through",
		Setting: SettingBase,
		When: either(
			fault("the proxy refuses the tunnel to the service or cannot be reached", ServiceModel, FaultProxy),
			answered(407)),
		Cause: func(e *Evidence) string {
			x := failing(e)
			proxy := "the proxy"
			if x.Proxy != "" {
				proxy += " " + quoted(x.Proxy)
			}
			if x.Status == 0 && strings.Contains(x.Detail, "could not be reached") {
				return "The way to " + hostOr(e) + " leads through " + proxy + ", which does not answer itself" + colon(x.Detail) + "."
			}
			return "The way to " + hostOr(e) + " leads through " + proxy + ", which does not let the request through" + colon(orElse(x.Detail, x.Message)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			r := allowEgress(e, "Check that the proxy's address is right and that it is running, allow the host on it, put the proxy's credentials into HTTPS_PROXY, or name the host in NO_PROXY if it can be reached directly.")
			return r
		},
		About:  "HTTPS_PROXY sends every request through a proxy, which opens a tunnel only to hosts that it allows. Whether it knows the name is also its matter: a private endpoint's zone is often unknown to it.",
		Verify: "`curl -v` to the host through the proxy shows that the tunnel is established.",
		Docs:   docsInputs,
		Source: documented("https://pkg.go.dev/net/http#ProxyFromEnvironment"),
	},
	{
		ID:    "net-entra-unreachable",
		Stage: StageNetwork,
		Area:  AreaRuntime,
		Title: "The token authority cannot be reached",
		Cure:  Passing,
		When: either(
			when("the connection to the token authority fails", func(e *Evidence) bool {
				x := failedAt(e, ServiceEntra)
				return x != nil && x.Fault != FaultNone && x.Fault != FaultBlocked && x.Fault != FaultForeign
			}),
			all(says("unable to resolve an endpoint: server response error", "unable to resolve endpoints", "endpoints_resolution_error", "openid_config_error"),
				when("nobody else was seen to answer in its place", func(e *Evidence) bool {
					x := failedAt(e, ServiceEntra)
					return x == nil || x.Fault != FaultForeign
				}))),
		Cause: func(e *Evidence) string {
			x := failedAt(e, ServiceEntra)
			if x == nil || x.Fault == FaultNone {
				return "The token authority could not be asked for its configuration, which comes before any token."
			}
			return "The token authority " + quoted(orElse(x.Host, orElse(e.Setup.Authority, "login.microsoftonline.com"))) + " could not be reached: " + faultWords(x) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			host := orElse(e.Setup.Authority, "login.microsoftonline.com")
			if x := failedAt(e, ServiceEntra); x != nil && x.Host != "" {
				host = x.Host
			}
			return allowEgressTo(host, "Let the runner reach the token authority on port 443, or set HTTPS_PROXY.")
		},
		About:  "Before it sends a credential a client asks the authority for its configuration. Without a way out every method fails here, whatever else is wrong.",
		Verify: "`curl -sS https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration` answers from the runner.",
		Docs:   docsIdentity,
		Source: observed(docsIdentity),
	},
	{
		ID:      "net-private-dns",
		Stage:   StageNetwork,
		Area:    AreaDeployment,
		Title:   "The private endpoint's name does not lead to its private address",
		Setting: SettingBase,
		When: when("the name's CNAME chain goes through privatelink and ends in no address or a public one", func(e *Evidence) bool {
			x := failed(e, ServiceModel)
			if x == nil {
				return false
			}
			if strings.Contains(e.Names.Canonical, "privatelink.") && (x.Fault != FaultNone || x.Status == 403) {
				return !slices.ContainsFunc(e.Names.Addresses, privateAddress)
			}
			return x.Fault != FaultNone && (strings.Contains(x.Host, ".privatelink.") || saysAny(e, ".privatelink."))
		}),
		Cause: func(e *Evidence) string {
			where := "no address"
			if len(e.Names.Addresses) > 0 {
				where = "the public address " + quoted(e.Names.Addresses[0])
			}
			return "The name " + hostOr(e) + " belongs to a private endpoint (" + orElse(quotedOr(e.Names.Canonical), "it goes through privatelink") + ") and leads to " + where + " from here."
		},
		Remedy:  linkZone,
		Certain: func(e *Evidence) Certainty { return certainIf(e.Names.Canonical != "") },
		Others:  []string{"net-dns-not-found", "net-public-access-disabled"},
		Settle:  "the chain of names and the address that the resolver gives on the runner",
		About:   "A private endpoint is found through a private DNS zone that has to be linked to the network of whoever asks. Without the link or the record the public name remains, which leads nowhere or to a closed door.",
		Verify:  "From the runner the name resolves to an address of the virtual network.",
		Docs:    docsNetwork,
		Source:  documented(docsNetwork),
	},
	{
		ID:      "net-dns-not-found",
		Stage:   StageNetwork,
		Area:    AreaDeployment,
		Title:   "The endpoint's host name does not exist",
		Setting: SettingBase,
		When: either(
			fault("the resolver says that the name does not exist", ServiceModel, FaultDNSNotFound),
			when("the proxy fails, and our own resolver, which knows the token authority, does not know the name", func(e *Evidence) bool {
				x := failed(e, ServiceModel)
				return x != nil && x.Fault != FaultNone && e.Names.NotFound && e.Names.Works
			})),
		Cause: func(e *Evidence) string {
			cause := "The name " + hostOr(e) + " does not exist: no resource has it, it is misspelt, or a private zone has no record for it."
			if knowsNobody(e) {
				cause += " Or this machine's resolver knows no public name: it does not know the token authority either."
			}
			return cause
		},
		Remedy: func(e *Evidence) Remedy {
			r := setEndpointRemedy(e)
			if knowsNobody(e) {
				r.Text = "First let this machine's resolver know public names, or set HTTPS_PROXY where only a proxy knows them. If it does, set the endpoint to scheme and host of the resource and nothing else; az prints it."
				r.Commands = append([]string{command("nslookup", arg(e.Setup.Authority, clouds[0].Authority))}, r.Commands...)
			}
			return r
		},
		Certain: func(e *Evidence) Certainty { return certainIf(e.Names.NotFound && e.Names.Works) },
		Others:  []string{"net-private-dns", "net-unreachable"},
		Settle:  "what the runner's resolver says of the name, and whether it knows another one",
		About:   "A resource's name exists as long as the resource does. A typing mistake, a deleted resource and the wrong suffix (openai.azure.com, cognitiveservices.azure.com, services.ai.azure.com, and .us or .cn) all end here.",
		Verify:  "`nslookup` finds the host of properties.endpoint.",
		Docs:    docsNetwork,
		Source:  documented(docsNetwork),
	},
	{
		ID:      "net-unexpected-answer",
		Stage:   StageNetwork,
		Area:    AreaRuntime,
		Title:   "Something other than the service answered",
		Setting: SettingBase,
		When: either(
			fault("an answer is none that the service would give", ServiceModel, FaultForeign),
			fault("an answer is none that the token authority would give", ServiceEntra, FaultForeign),
			when("the service answers with a redirect", func(e *Evidence) bool {
				x := failed(e, ServiceModel)
				return x != nil && x.Status >= 300 && x.Status < 400
			}),
			when("a page with a refusal comes, and none of the headers that the service sends", func(e *Evidence) bool {
				return strangersPage(failed(e, ServiceModel))
			})),
		Cause: func(e *Evidence) string {
			x := failing(e)
			what := "What answered at " + hostOr(e)
			if x.Status != 0 {
				what += " with status " + strconv.Itoa(x.Status)
			}
			if l := x.Header["location"]; l != "" {
				what += ", sending the caller on to " + quoted(l) + ","
			}
			return what + " is not the service" + colon(orElse(x.Detail, x.Message)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:     "Look at the answer: a login page, a captive portal or a gateway's default page is between the runner and the service. Correct the endpoint, or the route to it.",
				Commands: []string{command("curl", "-sS", "-i", "https://"+arg(hostOf(e), "<host>")+"/")},
				Kind:     FixGateway,
				Params:   params("host", hostOf(e)),
			}
		},
		About:  "An answer with status 200 is not proof: only what the service alone could say counts as a pass. Redirects are never followed, since they would carry the credential away.",
		Verify: "The answer's headers include apim-request-id or x-ms-region.",
		Docs:   docsInputs,
		Source: documented(docsInputs),
	},
}

// strangersPage reports whether a refusal is a web page without any of the
// service's headers: that of a proxy or a gateway. A page with 500 and above
// is what Azure's own front says when nothing behind it answers.
func strangersPage(x *Exchange) bool {
	return x != nil && x.Status >= 400 && x.Status < 500 && strings.HasPrefix(x.Header["content-type"], "text/html") &&
		x.Header["apim-request-id"] == "" && x.Header["x-ms-region"] == "" && x.Header["x-request-id"] == "" && x.Header["x-ms-request-id"] == ""
}

// faultWords says at which step a request ended, and how.
func faultWords(x *Exchange) string {
	words := map[Fault]string{
		FaultDNSNotFound: "the name does not exist",
		FaultDNS:         "the name could not be looked up",
		FaultRefused:     "the connection was refused",
		FaultConnect:     "no connection was made",
		FaultProxy:       "the proxy did not let it through",
		FaultTLSTrust:    "the certificate is not trusted",
		FaultTLSHost:     "the certificate is for another name",
		FaultTLSExpired:  "the certificate is outside its validity",
		FaultTLS:         "the TLS handshake failed",
		FaultReset:       "the connection was closed before an answer came",
		FaultTimeout:     "no answer came in time",
		FaultTruncated:   "the answer was cut short",
		FaultForeign:     "the answer is none that the service gives",
		FaultBlocked:     "the check refuses to send a credential there",
		FaultClient:      "the client failed before it asked",
	}[x.Fault]
	return words + colon(x.Detail)
}

func addressClause(e *Evidence) string {
	if len(e.Names.Addresses) == 0 {
		return ""
	}
	return "; from here the name resolves to " + quoted(e.Names.Addresses[0])
}

func tookClause(e *Evidence) string {
	if x := failing(e); x != nil && x.Took > 0 {
		return " in " + span(x.Took)
	}
	return " in time"
}

func certificateFaultCause(e *Evidence) string {
	x := failing(e)
	who := orElse(quotedOr(x.Host), "the server")
	switch x.Fault {
	case FaultTLSHost:
		return "The certificate that " + who + " shows is for another name" + colon(x.Detail) + "."
	case FaultTLSExpired:
		return "The certificate that " + who + " shows is outside its validity" + colon(x.Detail) + "."
	}
	by := ""
	if x.Issuer != "" {
		by = ", issued by " + quoted(x.Issuer) + ","
	}
	return "The certificate that " + who + " shows" + by + " does not end in an authority that is trusted here."
}

func privateAddress(a string) bool {
	ip := net.ParseIP(a)
	return ip != nil && (ip.IsPrivate() || ip.IsLoopback())
}

// knowsNobody reports whether our own resolver does not even know the token
// authority, so that what it says of another name proves nothing.
func knowsNobody(e *Evidence) bool { return e.Names.NotFound && !e.Names.Works }

// The remedies of this file.

func allowNetwork(e *Evidence, text string) Remedy {
	return Remedy{
		Text: text + " The first command prints that address where it runs: run it in a step of the job.",
		Commands: []string{
			`curl -sS https://api.ipify.org`,
			command("az", "cognitiveservices", "account", "network-rule", "add", "-n", orElse(resourceName(e), "<resource>"), "-g", "<resource-group>", "--ip-address", "<address of the runner>"),
		},
		Kind:   AllowNetwork,
		Params: params("resource", resourceName(e)),
	}
}

func allowEgress(e *Evidence, text string) Remedy {
	return allowEgressTo(orElse(hostOf(e), e.Setup.Authority), text)
}

func allowEgressTo(name, text string) Remedy {
	host := arg(name, "<host>")
	return Remedy{
		Text:     text,
		Commands: []string{command("nslookup", host), command("curl", "-sSv", "-o", "/dev/null", "https://"+host+"/")},
		Kind:     AllowEgress,
		Params:   params("host", name),
	}
}

func trustCertificate(e *Evidence) Remedy {
	host := arg(hostOf(e), "<host>")
	r := Remedy{
		Text:     "Put the certificate authority of the proxy or gateway into the input ca-bundle (SSL_CERT_FILE, REQUESTS_CA_BUNDLE and NODE_EXTRA_CA_CERTS for the clients); if there is no such proxy, correct the endpoint's host.",
		Commands: []string{command("openssl", "s_client", "-connect", host+":443", "-servername", host, "-showcerts") + " </dev/null"},
		Snippet:  "with:\n  ca-bundle: <path of the PEM file>\n",
		Kind:     TrustCA,
		Params:   params("host", hostOf(e)),
	}
	// An authority to trust mends neither of these.
	switch x := failing(e); {
	case x == nil:
	case x.Fault == FaultTLSHost:
		r.Text, r.Snippet = "Correct the endpoint's host: the certificate is for the names that openssl prints.", ""
	case x.Fault == FaultTLSExpired:
		r.Text, r.Snippet = "Have the certificate renewed by whoever runs what shows it: openssl prints its dates and its issuer, a proxy's or a gateway's for instance. If the dates are right, set this machine's clock.", ""
	}
	return r
}

func linkZone(e *Evidence) Remedy {
	zone := "privatelink.openai.azure.com"
	if _, rest, ok := strings.Cut(e.Names.Canonical, "privatelink."); ok {
		zone = arg("privatelink."+strings.TrimSuffix(inert.Line(rest), "."), zone)
	}
	return Remedy{
		Text: "Link the private DNS zone to the runner's virtual network, and check that it has a record for the resource. A runner outside the network needs public access instead.",
		Commands: []string{
			command("az", "network", "private-dns", "link", "vnet", "create", "-g", "<resource-group>", "-z", zone, "-n", "runner", "-v", "<virtual network>", "-e", "false"),
			command("az", "network", "private-dns", "record-set", "a", "list", "-g", "<resource-group>", "-z", zone, "-o", "table"),
		},
		Kind:   AllowNetwork,
		Params: params("resource", resourceName(e)),
	}
}

package preflight

import "strings"

// A Cloud is an Azure cloud: who issues its tokens, for which audience, and
// under which names its data plane lives.
type Cloud struct {
	Name      string
	Authority string // host of the token authority
	// Audience is what a GitHub assertion must be issued for.
	// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
	Audience string
	Scope    string
	// Audiences are those that the data plane accepts in an access token. The
	// service lists them itself in its 401 text.
	Audiences []string
	// Suffixes are the zones that only Azure can hand out names in: a
	// credential may go to any host below them.
	Suffixes []string
}

// The clouds. The authorities follow azcore's cloud package.
var clouds = []*Cloud{
	{
		Name:      "public",
		Authority: "login.microsoftonline.com",
		Audience:  "api://AzureADTokenExchange",
		Scope:     "https://cognitiveservices.azure.com/.default",
		Audiences: []string{"https://cognitiveservices.azure.com", "https://ai.azure.com"},
		Suffixes:  []string{"openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com", "api.cognitive.microsoft.com"},
	},
	{
		Name:      "usgov",
		Authority: "login.microsoftonline.us",
		Audience:  "api://AzureADTokenExchangeUSGov",
		Scope:     "https://cognitiveservices.azure.us/.default",
		Audiences: []string{"https://cognitiveservices.azure.us", "https://ai.azure.us"},
		Suffixes:  []string{"openai.azure.us", "cognitiveservices.azure.us", "services.ai.azure.us", "api.cognitive.microsoft.us"},
	},
	{
		Name:      "china",
		Authority: "login.chinacloudapi.cn",
		Audience:  "api://AzureADTokenExchangeChina",
		Scope:     "https://cognitiveservices.azure.cn/.default",
		Audiences: []string{"https://cognitiveservices.azure.cn", "https://ai.azure.cn"},
		Suffixes:  []string{"openai.azure.cn", "cognitiveservices.azure.cn", "services.ai.azure.cn", "api.cognitive.azure.cn"},
	},
}

// authorities are the hosts that an assertion or a client secret may go to.
// login.partner.microsoftonline.cn is the newer name of China's authority.
var authorities = []string{
	"login.microsoftonline.com",
	"login.microsoftonline.us",
	"login.chinacloudapi.cn",
	"login.partner.microsoftonline.cn",
}

// cloudNamed finds a cloud by the name that the cloud input takes, or by one
// of those that az and azure/login use for it.
func cloudNamed(name string) *Cloud {
	switch strings.ToLower(name) {
	case "public", "azurecloud", "azurepubliccloud":
		return clouds[0]
	case "usgov", "usgovernment", "azureusgovernment", "azureusgovernmentcloud":
		return clouds[1]
	case "china", "azurechinacloud":
		return clouds[2]
	}
	return nil
}

// cloudOf is the cloud whose own zone the host is in, nil for any other host.
// Only whole labels count: openai.azure.com.evil.example is nobody's.
func cloudOf(host string) *Cloud {
	for _, c := range clouds {
		for _, s := range c.Suffixes {
			if under(host, s) {
				return c
			}
		}
	}
	return nil
}

// under reports whether host is a name below zone.
func under(host, zone string) bool {
	return strings.HasSuffix(host, "."+zone) && len(host) > len(zone)+1
}

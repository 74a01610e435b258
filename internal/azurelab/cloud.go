package azurelab

import "slices"

// A Cloud is one of Azure's clouds.
type Cloud string

// The clouds.
const (
	Public Cloud = "public"
	USGov  Cloud = "usgov"
	China  Cloud = "china"
)

// cloudFacts are the names that belong to a cloud.
type cloudFacts struct {
	name        Cloud
	authorities []string // hosts of Entra, the preferred one first
	issuer      string   // host in the issuer of the v2.0 metadata
	sts         string   // issuer of v1.0 access tokens, before the tenant
	regionScope string   // tenant_region_scope of the metadata
	instance    string   // cloud_instance_name of the metadata
	exchange    string   // audience of a federated assertion
	// cognitive and foundry are the audiences of the data plane. The foundry
	// one is accepted by resources of kind AIServices only.
	cognitive, foundry string
	known              []string // other resources with a service principal in every tenant
	openAI             string   // zone of the resources' names
	regional           string   // zone of the regional endpoints
}

// clouds lists the names as azcore's cloud package and Microsoft's pages on
// national clouds have them. login.partner.microsoftonline.cn is the newer name
// of China's authority; azcore still uses the older.
var clouds = []cloudFacts{
	{
		name:        Public,
		authorities: []string{"login.microsoftonline.com", "login.microsoft.com", "login.windows.net"},
		issuer:      "login.microsoftonline.com",
		sts:         "https://sts.windows.net/",
		regionScope: "NA",
		instance:    "microsoftonline.com",
		exchange:    "api://AzureADTokenExchange",
		cognitive:   "https://cognitiveservices.azure.com",
		foundry:     "https://ai.azure.com",
		known:       []string{"https://management.azure.com", "https://management.core.windows.net", "https://graph.microsoft.com", "https://vault.azure.net"},
		openAI:      "openai.azure.com",
		regional:    "api.cognitive.microsoft.com",
	},
	{
		name:        USGov,
		authorities: []string{"login.microsoftonline.us"},
		issuer:      "login.microsoftonline.us",
		sts:         "https://sts.windows.net/",
		regionScope: "USGov",
		instance:    "microsoftonline.us",
		exchange:    "api://AzureADTokenExchangeUSGov",
		cognitive:   "https://cognitiveservices.azure.us",
		foundry:     "https://ai.azure.us",
		known:       []string{"https://management.usgovcloudapi.net", "https://graph.microsoft.us"},
		openAI:      "openai.azure.us",
		regional:    "api.cognitive.microsoft.us",
	},
	{
		name:        China,
		authorities: []string{"login.chinacloudapi.cn", "login.partner.microsoftonline.cn"},
		issuer:      "login.partner.microsoftonline.cn",
		sts:         "https://sts.chinacloudapi.cn/",
		regionScope: "CN",
		instance:    "partner.microsoftonline.cn",
		exchange:    "api://AzureADTokenExchangeChina",
		cognitive:   "https://cognitiveservices.azure.cn",
		foundry:     "https://ai.azure.cn",
		known:       []string{"https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"},
		openAI:      "openai.azure.cn",
		regional:    "api.cognitive.azure.cn",
	},
}

// facts are the names that belong to c. A world names only clouds that exist.
func (c Cloud) facts() *cloudFacts {
	for i := range clouds {
		if clouds[i].name == c {
			return &clouds[i]
		}
	}
	panic("azurelab: no cloud " + string(c))
}

func (c *cloudFacts) hasAuthority(host string) bool {
	return slices.Contains(c.authorities, host)
}

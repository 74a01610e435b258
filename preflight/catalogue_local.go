package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// What a credential needs on the machine itself and does not find: variables,
// files, tools. In a chain of credentials most of these only say that a member
// was not meant to be used.
var localDiagnoses = []*Diagnosis{
	{
		ID:    "cfg-credential-incomplete",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "An identity is named, but nothing proves it",
		When: either(problem("cfg-credential-incomplete"),
			says("incomplete environment variable configuration. Only AZURE_TENANT_ID and AZURE_CLIENT_ID are set", "KeyError: 'AZURE_CLIENT_SECRET'")),
		Cause:  problemOr("AZURE_TENANT_ID and AZURE_CLIENT_ID are set, but neither a client secret, nor a certificate, nor a federated token file, nor GitHub's OIDC token service is used with them."),
		Remedy: completeCredential,
		About: "A tenant id and a client id only name an identity. It is proved by GitHub's ID token (which needs the permission id-token: write), a client secret, a certificate, or a federated token file. " +
			"DefaultAzureCredential does not know GitHub's token service; this check does.",
		Verify: "The token step succeeds, and the summary's details name the identity that was used.",
		Docs:   docsIdentity,
		Source: documented(docsIdentity),
	},
	{
		ID:    "cfg-token-credentials-invalid",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "AZURE_TOKEN_CREDENTIALS holds an unknown value",
		When:  either(problem("cfg-token-credentials-invalid"), says("invalid AZURE_TOKEN_CREDENTIALS value", "Invalid value for AZURE_TOKEN_CREDENTIALS", "Invalid value for environment variable AZURE_TOKEN_CREDENTIALS")),
		Cause: problemOr("The variable AZURE_TOKEN_CREDENTIALS selects a credential that the library does not know."),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:     "Set AZURE_TOKEN_CREDENTIALS to dev, to prod, or to the name of one credential, such as WorkloadIdentityCredential; or unset it and name the identity in this action's inputs.",
				Commands: []string{"unset AZURE_TOKEN_CREDENTIALS"},
				Kind:     UnsetVariable,
				Params:   map[string]string{"name": "AZURE_TOKEN_CREDENTIALS"},
			}
		},
		About:  "AZURE_TOKEN_CREDENTIALS narrows DefaultAzureCredential down. A value that is neither dev, prod nor the name of a credential makes its constructor fail.",
		Verify: "The error is gone, and the client names the credential that it tried.",
		Docs:   docsIdentity,
		Source: observed(docsIdentity),
	},
	{
		ID:    "cfg-workload-token-file",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "The federated token file does not exist",
		When: either(problem("cfg-workload-token-file"),
			alone("no token file specified", "no token file path specified"),
			missingTokenFile),
		Cause: problemOr("The credential was told to read a federated token from a file, and that file is not there."),
		Remedy: func(e *Evidence) Remedy {
			path := orElse(e.Setup.TokenFile, "<path of the token>")
			return Remedy{
				Text: "Mount the projected service account token where AZURE_FEDERATED_TOKEN_FILE says, or copy it below the workspace or RUNNER_TEMP, which are all of the host that a container action sees. " +
					"In a pod set the label azure.workload.identity/use to \"true\". In GitHub Actions leave the variable unset and grant id-token: write instead.",
				Commands: []string{
					command("mkdir", "-p") + ` "$RUNNER_TEMP/azure"`,
					command("cp", arg(path, "<path of the token>")) + ` "$RUNNER_TEMP/azure/token"`,
					`echo "AZURE_FEDERATED_TOKEN_FILE=$RUNNER_TEMP/azure/token" >> "$GITHUB_ENV"`,
				},
				Kind:   ProvideFile,
				Params: params("path", e.Setup.TokenFile),
			}
		},
		About: "WorkloadIdentityCredential reads the token that Kubernetes projects into the pod from the file that AZURE_FEDERATED_TOKEN_FILE names. " +
			"A container action sees only the workspace and the runner's temp folder of its host. The libraries ask the authority before they read the file, so without egress the file's absence hides behind a network error.",
		Verify: "The file exists inside the container, and the token step succeeds.",
		Docs:   docsWorkload,
		Source: observed(docsWorkload),
	},
	{
		ID:    "cfg-certificate-unreadable",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "The client certificate's file cannot be read",
		When: either(problem("cfg-certificate-unreadable"),
			says("failed to read certificate file", "failed to read certificate", "found no private key", "found no certificate",
				"Failed to deserialize certificate in PEM or PKCS12", "CertificateCredential is not configured",
				"The file at the specified path does not contain a PEM-encoded certificate"),
			all(says("failed to parse certificate", "cannot parse certificate", "x509: malformed certificate", "pkcs12: ", "no private key found", "does not contain a private key", "Could not deserialize key data", "Could not deserialize PKCS12 data", "Unable to load PEM file", "asn1: structure error"),
				placed)),
		Cause: problemOr("The file that AZURE_CLIENT_CERTIFICATE_PATH names is not there, is locked by another password, or lacks the certificate or its private key."),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:     "Mount the file below the workspace or RUNNER_TEMP, put the certificate and its private key into one PEM file, and set AZURE_CLIENT_CERTIFICATE_PASSWORD if the key is encrypted.",
				Commands: []string{"openssl pkcs12 -in '<certificate.pfx>' -out cert.pem -nodes", "openssl x509 -in cert.pem -noout -fingerprint -sha1"},
				Kind:     ProvideFile,
				Params:   map[string]string{"path": "AZURE_CLIENT_CERTIFICATE_PATH"},
			}
		},
		About:  "The certificate must be readable inside the container, as PEM with the private key in the same file, or as PKCS#12 with the right password. The loaders of the libraries do not read every PKCS#12 variant.",
		Verify: "`openssl x509 -in cert.pem -noout -subject` prints the certificate, and the token step succeeds.",
		Docs:   docsCertificate,
		Source: observed(docsCertificate),
	},
	{
		ID:      "cfg-tenant-not-allowed",
		Stage:   StageConfig,
		Area:    AreaRuntime,
		Title:   "The credential may not request a token from this tenant",
		Setting: SettingTenant,
		When:    either(problem("cfg-tenant-not-allowed"), says("isn't configured to acquire tokens for tenant", "is not configured to acquire tokens for tenant", "not configured to acquire tokens for tenant")),
		Cause:   problemOr("The client asked for a token of another tenant than the one that its credential is configured for."),
		Remedy: func(e *Evidence) Remedy {
			tenant := arg(find(e, otherTenant()), "<tenant-id of the resource>")
			return Remedy{
				Text:     "Set the tenant id to the resource's tenant, or list that tenant in AZURE_ADDITIONALLY_ALLOWED_TENANTS.",
				Commands: []string{"az account show --query tenantId -o tsv"},
				Snippet:  "env:\n  AZURE_ADDITIONALLY_ALLOWED_TENANTS: " + tenant + "\n",
				Kind:     UseTenant,
				Params:   params("tenant-id", find(e, otherTenant())),
			}
		},
		About:  "A credential of the Azure SDKs asks for tokens of its own tenant only, unless other tenants are allowed. The other tenant comes from the resource's challenge or from the code.",
		Verify: "The error is gone, and the token's tid is the resource's tenant.",
		Docs:   docsMultitenant,
		Source: documented(docsMultitenant),
	},
	{
		ID:    "cfg-azcli-missing",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "The Azure CLI is not found on the PATH",
		When: either(problem("cfg-azcli-missing"), alone("Azure CLI not found on path", "AzureCLICredential: executable not found on path", "Azure CLI not installed", "Azure CLI could not be found"),
			matches("a shell, or azure/login, does not find az", azNotFound, "Unable to locate executable file: az", "az: command not found", "az: not found", "'az' is not recognized")),
		Cause:  problemOr("The client wanted a token from the Azure CLI, and there is no az on the PATH where it runs."),
		Remedy: leaveCLI,
		About: "A container action has only what its image holds: neither az nor the session that azure/login left on the host. " +
			"GitHub's ID token needs no CLI.",
		Verify: "The token step succeeds, and the summary's details name github-oidc as the identity.",
		Docs:   docsCLI,
		Source: observed("https://github.com/Azure/login/issues/362"),
	},
	{
		ID:    "cfg-azcli-not-logged-in",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "The Azure CLI has no login that the credential can see",
		When: either(problem("cfg-azcli-not-logged-in"), alone("Please run 'az login'", `Please run "az login"`, "run az login",
			"run 'azd auth login'", `run "azd auth login"`, "run `azd auth login`", "run azd auth login", "run 'azd login'", "run `azd login`")),
		Cause:  cliLoginCause,
		Remedy: leaveCLI,
		// The libraries say this of every answer of the CLI that speaks of az login.
		Certain: func(e *Evidence) Certainty { return certainIf(!e.Pasted) },
		Others:  []string{"entra-conditional-access", "entra-user-flow-in-ci"},
		Settle:  "what `az account get-access-token` prints where the client runs",
		About:   "The CLI keeps its login below HOME or AZURE_CONFIG_DIR. In a container action HOME is another folder than on the host, so a login by azure/login is not seen.",
		Verify:  "`az account show` succeeds where the client runs; or the summary's details name github-oidc as the identity, which needs no CLI.",
		Docs:    docsCLI,
		Source:  observed(docsCLI),
	},
}

// azNotFound tells az from other programs whose names begin so.
var azNotFound = lazy(`Unable to locate executable file: az\b|(?:^|[\s:])az: (?:command )?not found|'az' is not recognized`)

// missingTokenFile is what they say of a federated token's file that cannot be
// opened.
var missingTokenFile = all(
	says("WorkloadIdentityCredential", "failed to read the service account token from the filesystem", "federated token", "FEDERATED_TOKEN", "azure-identity-token", "token file"),
	says("no such file or directory", "The system cannot find the path specified", "The system cannot find the file specified", "ENOENT", "FileNotFoundError", "FileNotFoundException", "NoSuchFileException", "Could not find a part of the path", "Could not find file"))

// cliLoginCause names the command line tool that has no login: the Azure CLI's
// and the Azure Developer CLI's are two.
func cliLoginCause(e *Evidence) string {
	switch {
	case e.Problem != nil:
		return problemCause(e.Problem)
	case saysAny(e, "azd auth login", "azd login", "AzureDeveloperCLICredential"):
		return "The client wanted a token from the Azure Developer CLI, which has a login of its own, and finds none in the folder that it looks into."
	}
	return "The client wanted a token from the Azure CLI, and the CLI finds no login in the folder that it looks into."
}

// otherTenant is the tenant that a credential is not configured for.
var otherTenant = lazy(`(?i)configured to acquire tokens for tenant ["']?([0-9A-Za-z][0-9A-Za-z.-]+[0-9A-Za-z])`)

// The remedies of this file.

func completeCredential(e *Evidence) Remedy {
	if e.Problem != nil && strings.HasPrefix(e.Problem.Input, "AZURE_") {
		return Remedy{
			Text:    "Set the variable " + inert.Line(e.Problem.Input) + " for this step (" + inert.Line(e.Problem.Allowed) + "), or let the check use GitHub's ID token: grant the job id-token: write and set identity to github-oidc.",
			Snippet: "env:\n  " + e.Problem.Input + ": ${{ secrets." + e.Problem.Input + " }}\n",
			Kind:    SetVariable,
			Params:  params("name", e.Problem.Input),
		}
	}
	return useOIDC(e, "Use GitHub's ID token: grant the job id-token: write, and set identity to github-oidc. Otherwise supply AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE.")
}

func leaveCLI(e *Evidence) Remedy {
	if onADesk(e) {
		return chooseCredential(e)
	}
	return useOIDC(e, "Do not rely on the Azure CLI inside a container: let the client use GitHub's ID token (identity github-oidc, and the permission id-token: write). Where the CLI is wanted, run az login (azd auth login for the Azure Developer CLI) where the client runs.")
}

// useOIDC is the workflow's own identity in place of a credential that a
// container cannot have. The parameters name what a run still lacks for it.
func useOIDC(e *Evidence, text string) Remedy {
	r := Remedy{
		Text:    text,
		Snippet: "permissions:\n  id-token: write\n  contents: read\n",
		Kind:    UseIdentity,
		Params:  map[string]string{"identity": string(MethodGitHubOIDC)},
	}
	if e.Pasted {
		return r
	}
	var inputs []string
	r.Snippet += "# and in the step\nwith:\n  identity: github-oidc\n"
	if e.Setup.TenantID == "" {
		inputs = append(inputs, "tenant-id")
		r.Snippet += "  tenant-id: ${{ vars.AZURE_TENANT_ID }}\n"
	}
	if e.Setup.ClientID == "" {
		inputs = append(inputs, "client-id")
		r.Snippet += "  client-id: ${{ vars.AZURE_CLIENT_ID }}\n"
	}
	if len(inputs) > 0 {
		r.Params["inputs"] = strings.Join(inputs, ",")
	}
	if !e.Job.IDTokenURL {
		r.Params["permission"] = "id-token: write"
	}
	return r
}

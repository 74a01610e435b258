package preflight

// faultPhrases tell the faults of the network by what curl and the clients of
// Go, Python, Node, .NET and Java say of them, the more specific before the
// more general: a text often holds several, the cause and what became of it.
var faultPhrases = []struct {
	fault   Fault
	step    string
	phrases []string
}{
	{FaultProxy, stepProxy, []string{
		"proxyconnect", "ProxyError", "Tunnel connection failed", "CONNECT tunnel failed", "from proxy after CONNECT", "Cannot connect to proxy", "Unable to connect to proxy",
		"Proxy Authentication Required", "tunneling socket could not be established", "ERR_PROXY", "Could not resolve proxy",
		"Unable to tunnel through proxy", "The proxy tunnel request to proxy", "HttpProxyConnectException"}},
	{FaultTLSHost, stepTLS, []string{
		"Hostname mismatch", "ERR_TLS_CERT_ALTNAME_INVALID", "does not match certificate's altnames", "x509: certificate is valid for", "RemoteCertificateNameMismatch",
		"No subject alternative DNS name matching", "no alternative certificate subject name matches", "CertificateError: hostname"}},
	{FaultTLSExpired, stepTLS, []string{"certificate has expired", "CERT_HAS_EXPIRED", "certificate is not yet valid", "CERT_NOT_YET_VALID"}},
	{FaultTLSTrust, stepTLS, []string{
		"certificate signed by unknown authority", "CERTIFICATE_VERIFY_FAILED", "certificate verify failed", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT",
		"UNABLE_TO_GET_ISSUER_CERT", "self-signed certificate", "self signed certificate", "unable to get local issuer certificate", "unable to verify the first certificate",
		"PKIX path building failed", "RemoteCertificateChainErrors", "The remote certificate is invalid", "The remote certificate was rejected", "SSL certificate problem", "x509: certificate", "x509: cannot validate", "tls: failed to verify certificate"}},
	{FaultTLS, stepTLS, []string{
		"tls: handshake failure", "HANDSHAKE_FAILURE", "WRONG_VERSION_NUMBER", "SSL_ERROR_SYSCALL", "UNEXPECTED_EOF_WHILE_READING", "first record does not look like a TLS handshake",
		"The SSL connection could not be established", "SSLError", "SSLHandshakeException"}},
	{FaultDNS, stepDNS, []string{"Temporary failure in name resolution", "EAI_AGAIN", "server misbehaving"}},
	{FaultDNSNotFound, stepDNS, []string{
		"no such host", "ENOTFOUND", "Name or service not known", "nodename nor servname provided", "getaddrinfo failed", "Could not resolve host", "No such host is known",
		"No address associated with hostname", "NameResolutionError", "Failed to resolve '", "UnknownHostException", "The remote name could not be resolved", "Name does not resolve"}},
	{FaultRefused, stepTCP, []string{"connection refused", "ECONNREFUSED", "actively refused it"}},
	{FaultReset, stepHeaders, []string{
		"connection reset", "ECONNRESET", "socket hang up", "Connection aborted", "RemoteDisconnected", "Server disconnected without sending a response", "forcibly closed by the remote host", "Premature close", "unexpected EOF",
		"Connection prematurely closed", "other side closed", "peer closed connection without sending complete message body"}},
	{FaultConnect, stepTCP, []string{
		"ConnectTimeout", "ETIMEDOUT", "connection timed out", "Connect timeout", "i/o timeout", "EHOSTUNREACH", "no route to host", "ENETUNREACH", "network is unreachable", "All connection attempts failed",
		"Failed to connect to", "Cannot connect to host", "Unable to connect to the remote server",
		"connect timed out", "did not properly respond after a period of time", "to an unreachable network", "to an unreachable host"}},
	{FaultTimeout, stepHeaders, []string{
		"APITimeoutError", "Request timed out", "Read timed out", "ReadTimeout", "ESOCKETTIMEDOUT", "context deadline exceeded", "Client.Timeout exceeded", "HttpClient.Timeout", "litellm.Timeout", "TaskCanceledException", "Headers Timeout Error", "Body Timeout Error"}},
	// The clients' own words when they leave the cause out.
	{FaultConnect, "", []string{"Connection error.", "APIConnectionError", "Cannot connect to API", "fetch failed", "error sending request for url"}},
}

// networkFault names the fault that a text shows, and at which step.
func networkFault(text string) (Fault, string) {
	for _, f := range faultPhrases {
		for _, p := range f.phrases {
			if containsFold(text, p) {
				return f.fault, f.step
			}
		}
	}
	return FaultNone, ""
}

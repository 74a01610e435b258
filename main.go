// Command aoai-preflight proves, before an LLM test suite starts, that this
// workflow's identity can call this Azure OpenAI deployment, and names the
// cause and the fix when it cannot. It is the entry point of the action's
// container, and a plain command line elsewhere.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/aoai-preflight/aoai-preflight/preflight"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(preflight.Main(ctx, preflight.Host(), os.Args[1:]))
}

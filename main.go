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
	// After the first signal the default is back: a second one ends the program
	// whatever it waits for.
	context.AfterFunc(ctx, stop)
	os.Exit(preflight.Main(ctx, preflight.Host(), os.Args[1:]))
}

// Command news writes docs/news.md: what is served now of everything that is pinned
// here, and how the next release differs from the newest in the tables.
//
//	go run ./cmd/news
//	go run ./cmd/news -date 2026-11-30 -o news.md
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"kubetrace/conformance/news"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	date := flag.String("date", time.Now().UTC().Format(time.DateOnly), "`date` of the page")
	file := flag.String("o", "../docs/news.md", "`file` to write")
	flag.Parse()
	if err := run(ctx, *date, *file); err != nil {
		fmt.Fprintln(os.Stderr, "news:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, date, file string) error {
	if _, err := os.Stat("judge"); err != nil {
		return fmt.Errorf("run this in the folder conformance: %w", err)
	}
	toolchain, err := news.Toolchain("..")
	if err != nil {
		return err
	}
	page, err := news.Read(ctx, "..", date, news.Served{Toolchain: toolchain}, func(what string) { fmt.Println("==", what) })
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(page.Markdown()), 0o644); err != nil {
		return err
	}
	fmt.Println("written:", file)
	if newer := page.Newer(); len(newer) > 0 {
		fmt.Println("newer than what is pinned:", strings.Join(newer, ", "))
	} else {
		fmt.Println("nothing newer is served than is pinned")
	}
	if unjudged := page.Unjudged(); len(unjudged) > 0 {
		fmt.Println("pinned, and of another version or none in docs/conformance.json:", strings.Join(unjudged, ", "))
	}
	return nil
}

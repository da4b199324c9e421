package pipeline

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// head is how many bytes the file of a queue has before its content: bbolt's two
// meta pages.
// https://github.com/etcd-io/bbolt/blob/main/db.go
const head = 2 * 4096

// damagedBack kills the collector while its backend is away, damages the files of
// its queue, and brings both back.
func damagedBack(damage func(*os.File, int64) error) func(context.Context, *run) error {
	return func(ctx context.Context, r *run) error {
		if err := kill(ctx, r); err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(r.place.Folder, queueFolder, "*"))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return errors.New("there is no file of a queue to damage")
		}
		for _, file := range files {
			if err := edit(file, damage); err != nil {
				return err
			}
		}
		return errors.Join(back(ctx, r), restart(ctx, r))
	}
}

func edit(file string, damage func(*os.File, int64) error) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		err = damage(f, info.Size())
	}
	return errors.Join(err, f.Close())
}

// garbageBehindHead overwrites the content.
func garbageBehindHead(f *os.File, size int64) error { return garbage(f, head, max(0, size-head)) }

// garbageHead overwrites what says where the content is.
func garbageHead(f *os.File, size int64) error { return garbage(f, 0, min(head, size)) }

// truncated cuts the second half off.
func truncated(f *os.File, size int64) error { return f.Truncate(size / 2) }

func garbage(f *os.File, from, n int64) error {
	text := make([]byte, n)
	random := rand.NewChaCha8([32]byte{1}) // the same every time
	_, _ = random.Read(text)               // it never fails
	_, err := f.WriteAt(text, from)
	return err
}

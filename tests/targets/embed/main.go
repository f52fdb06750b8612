// Embed is a test target that carries files: short and long ones, which the compiler hashes in different
// ways, an empty one, one content under two names, and one file that two variables embed.
package main

import (
	"embed"
	"os"

	"example.com/targets/embed/more"
)

//go:embed files
var files embed.FS

//go:embed files/short.txt
var text string

func main() {
	short, err := files.ReadFile("files/short.txt")
	if err != nil || string(short) != text {
		os.Exit(1)
	}
	if _, err := more.Files.ReadFile("long.txt"); err != nil {
		os.Exit(1)
	}
}

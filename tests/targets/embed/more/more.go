// Package more embeds what another package embeds too.
package more

import "embed"

//go:embed long.txt
var Files embed.FS

/* The key table, spelled out from KEYS. */
#include "view/keys.h"

#include <stddef.h>

const struct key_entry key_entries[KEY_COUNT] = {
#define KEY_ENTRY(symbol, label, hint, summary, ...) { { __VA_ARGS__ }, label, hint, summary },
	KEYS(KEY_ENTRY)
#undef KEY_ENTRY
};

enum key key_find(int code)
{
	const size_t codes = sizeof(key_entries->codes) / sizeof(*key_entries->codes);

	for (int key = 0; key < KEY_COUNT; key++)
		for (size_t i = 0; i < codes && key_entries[key].codes[i]; i++)
			if (key_entries[key].codes[i] == code)
				return (enum key)key;
	return KEY_COUNT;
}

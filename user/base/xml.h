/* Text that goes into XML. */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stddef.h>
#include <stdio.h>

/* At most `length` bytes of `text`, to stand between tags or in double quotes. XML 1.0 has no way
 * to write most control characters, so those become '?'; so does what is not ASCII, since a name
 * may be no UTF-8. */
void xml_put(FILE *out, const char *text, size_t length);

#endif

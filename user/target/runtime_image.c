/* Which variables are copied, and how much of them. */
#include "target/runtime_image.h"

#include "model/unknown.h"

static size_t memstats_bytes(const struct layout *layout)
{
	return (size_t)layout->memstats_gc_cpu_fraction + 8;
}

static size_t controller_bytes(const struct layout *layout)
{
	return (size_t)layout->gc_mapped_ready + 8;
}

bool runtime_image_fits(const struct layout *layout)
{
	const struct runtime_image *image = NULL;

	return memstats_bytes(layout) <= sizeof(image->memstats) &&
	       controller_bytes(layout) <= sizeof(image->controller);
}

struct span runtime_image_memstats(const struct runtime_image *image)
{
	return (struct span){ image->memstats, image->memstats_bytes };
}

struct span runtime_image_controller(const struct runtime_image *image)
{
	return (struct span){ image->controller, image->controller_bytes };
}

size_t runtime_image_pieces(struct runtime_image *image, const struct layout *layout,
			    const struct globals *globals,
			    struct memory_piece pieces[RUNTIME_PIECES])
{
	size_t count = 0;

	image->memstats_bytes = memstats_bytes(layout);
	image->controller_bytes = controller_bytes(layout);
	image->spanalloc_bytes = image->cachealloc_bytes = UNKNOWN;
	pieces[count++] =
		(struct memory_piece){ globals->memstats, image->memstats, image->memstats_bytes };
	pieces[count++] = (struct memory_piece){ globals->gc_controller, image->controller,
						 image->controller_bytes };
	if (!globals->mheap)
		return count;
	pieces[count++] =
		(struct memory_piece){ globals->mheap + (uint64_t)layout->mheap_spanalloc_inuse,
				       &image->spanalloc_bytes, 8 };
	pieces[count++] =
		(struct memory_piece){ globals->mheap + (uint64_t)layout->mheap_cachealloc_inuse,
				       &image->cachealloc_bytes, 8 };
	return count;
}

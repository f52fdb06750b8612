/* Which variables are copied, and how much of them. */
#include "target/runtime_image.h"

#include "model/memstats.h"
#include "model/unknown.h"

#define SPAN_CLASSES	(2 * SIZE_CLASSES)
#define CPU_STATS_BYTES (11 * 8)
#define REFLECT_NEXT	8 /* of reflectOffs, behind a mutex of 8 bytes */

static size_t memstats_bytes(const struct layout *layout)
{
	return (size_t)layout->memstats_gc_cpu_fraction + 8;
}

static size_t controller_bytes(const struct layout *layout)
{
	return (size_t)layout->gc_mapped_ready + 8;
}

/* cpuStats is the last of it; in Go 1.19, which has none, the heap sizes are. */
static size_t work_bytes(const struct layout *layout)
{
	return layout->work_cpu_stats == LAYOUT_ABSENT
		       ? (size_t)layout->work_heap2 + 8
		       : (size_t)layout->work_cpu_stats + CPU_STATS_BYTES;
}

static size_t central_bytes(const struct layout *layout)
{
	return SPAN_CLASSES * (size_t)layout->mheap_central_bytes;
}

bool runtime_image_fits(const struct layout *layout)
{
	const struct runtime_image *image = NULL;

	return memstats_bytes(layout) <= sizeof(image->memstats) &&
	       controller_bytes(layout) <= sizeof(image->controller) &&
	       work_bytes(layout) <= sizeof(image->work) &&
	       central_bytes(layout) <= sizeof(image->central);
}

struct span runtime_image_memstats(const struct runtime_image *image)
{
	return (struct span){ image->memstats, image->memstats_bytes };
}

struct span runtime_image_controller(const struct runtime_image *image)
{
	return (struct span){ image->controller, image->controller_bytes };
}

struct span runtime_image_work(const struct runtime_image *image)
{
	return (struct span){ image->work, image->work_bytes };
}

struct span runtime_image_central(const struct runtime_image *image)
{
	return (struct span){ image->central, image->central_bytes };
}

int64_t runtime_image_itabs(const struct runtime_image *image)
{
	bool there = image->itab_expected && image->itab_table == image->itab_expected;

	return there && image->itab_count <= INT32_MAX ? (int64_t)image->itab_count : UNKNOWN;
}

int64_t runtime_image_reflected(const struct runtime_image *image)
{
	if (image->reflect_next > 0)
		return UNKNOWN;
	return image->reflect_next ? -1 - (int64_t)image->reflect_next : 0;
}

struct piece_writer {
	struct memory_piece *pieces;
	size_t count;
};

static void add(struct piece_writer *writer, uint64_t base, int32_t offset, void *buffer,
		size_t length)
{
	writer->pieces[writer->count++] =
		(struct memory_piece){ base + (uint64_t)offset, buffer, length };
}

static void add_mheap(struct piece_writer *writer, struct runtime_image *image,
		      const struct layout *layout, uint64_t mheap)
{
	image->central_bytes = central_bytes(layout);
	add(writer, mheap, layout->mheap_central, image->central, image->central_bytes);
	add(writer, mheap, layout->mheap_spanalloc_inuse, &image->spanalloc_bytes, 8);
	add(writer, mheap, layout->mheap_cachealloc_inuse, &image->cachealloc_bytes, 8);
}

static void add_goroutines(struct piece_writer *writer, struct runtime_image *image,
			   const struct layout *layout, const struct globals *globals)
{
	add(writer, globals->allglen, 0, &image->goroutines_made, 8);
	add(writer, globals->sched, layout->sched_ngsys, &image->goroutines_system, 4);
	add(writer, globals->sched, layout->sched_gfree, &image->goroutines_dead[0], 4);
	if (layout->sched_gfree_no_stack != LAYOUT_ABSENT)
		add(writer, globals->sched, layout->sched_gfree_no_stack,
		    &image->goroutines_dead[1], 4);
}

static void add_itabs(struct piece_writer *writer, struct runtime_image *image,
		      const struct layout *layout, uint64_t itab_table)
{
	add(writer, itab_table, 0, &image->itab_table, 8);
	if (image->itab_expected)
		add(writer, image->itab_expected, layout->itab_table_count, &image->itab_count, 8);
}

size_t runtime_image_pieces(struct runtime_image *image, const struct runtime_image *before,
			    const struct layout *layout, const struct globals *globals,
			    struct memory_piece pieces[RUNTIME_PIECES])
{
	struct piece_writer writer = { .pieces = pieces };

	image->memstats_bytes = memstats_bytes(layout);
	image->controller_bytes = controller_bytes(layout);
	image->work_bytes = image->central_bytes = 0;
	image->spanalloc_bytes = image->cachealloc_bytes = image->goroutines_made = UNKNOWN;
	image->goroutines_dead[1] = 0;
	image->itab_table = 0;
	image->reflect_next = 1;
	image->itab_expected = before ? before->itab_table : 0;
	add(&writer, globals->memstats, 0, image->memstats, image->memstats_bytes);
	add(&writer, globals->gc_controller, 0, image->controller, image->controller_bytes);
	if (globals->mheap)
		add_mheap(&writer, image, layout, globals->mheap);
	if (globals->work) {
		image->work_bytes = work_bytes(layout);
		add(&writer, globals->work, 0, image->work, image->work_bytes);
	}
	if (globals->allglen && globals->sched)
		add_goroutines(&writer, image, layout, globals);
	if (globals->itab_table)
		add_itabs(&writer, image, layout, globals->itab_table);
	if (globals->reflect_offs)
		add(&writer, globals->reflect_offs, REFLECT_NEXT, &image->reflect_next, 4);
	return writer.count;
}

/*
 * Reading the pclntab. The header is believed only when all its offsets make sense together; from
 * then on every table is a span of its own, and a damaged entry makes just that look-up fail.
 *
 * pc-value tables are what the compiler emits for "value as a function of pc": pairs of varints
 * (signed change of the value, change of the pc), ended by a zero change of the value.
 */
#include "target/pclntab.h"

#include "limits.h"

#define MAGIC_1_18 0xfffffff0 /* 1.18, 1.19 */
#define MAGIC_1_20 0xfffffff1

#define HEADER_BYTES	  72
#define FUNCTAB_ENTRY	  8 /* {uint32 entry offset, uint32 _func offset} */
#define PCDATA_INLINE	  2 /* internal/abi PCDATA_InlTreeIndex */
#define FUNCDATA_INLINE	  3 /* internal/abi FUNCDATA_InlTree */
#define NOTHING		  UINT32_MAX
#define FUNC_BYTES_1_19	  40
#define FUNC_BYTES	  44
#define START_LINE_OFFSET 36

/* Bytes 4-7 of the header: two zeros, instruction quantum 1 (amd64), pointers of 8 bytes. */
static const uint8_t machine_bytes[] = { 0, 0, 1, 8 };

struct header {
	uint32_t magic;
	uint64_t functions, files, names, units, filetab, values, pcln;
};

static int read_header(struct span bytes, struct header *ret)
{
	if (!span_holds(bytes, 0, HEADER_BYTES) ||
	    memcmp(bytes.data + 4, machine_bytes, sizeof(machine_bytes)))
		return -EINVAL;
	span_u32(bytes, 0, &ret->magic);
	span_u64(bytes, 8, &ret->functions);
	span_u64(bytes, 16, &ret->files);
	/* 24: text start, no longer filled in 1.26; moduledata knows it */
	span_u64(bytes, 32, &ret->names);
	span_u64(bytes, 40, &ret->units);
	span_u64(bytes, 48, &ret->filetab);
	span_u64(bytes, 56, &ret->values);
	span_u64(bytes, 64, &ret->pcln);
	return 0;
}

/* The linker writes the tables in this order (cmd/link/internal/ld/pcln.go, (*Link).pclntab). */
static bool header_plausible(const struct header *header, struct span bytes)
{
	return (header->magic == MAGIC_1_18 || header->magic == MAGIC_1_20) &&
	       header->functions > 0 && header->functions <= LIMIT_FUNCTIONS &&
	       header->names >= HEADER_BYTES && header->names < header->units &&
	       header->units <= header->filetab && header->filetab < header->values &&
	       header->values < header->pcln && header->pcln <= bytes.length &&
	       span_holds(bytes, header->pcln, header->functions * FUNCTAB_ENTRY + 4);
}

int pclntab_parse(struct span bytes, uint64_t address, struct pclntab *ret)
{
	struct header header;

	if (read_header(bytes, &header) < 0 || !header_plausible(&header, bytes))
		return -EINVAL;
	*ret = (struct pclntab){
		.address = address,
		.names = span_sub(bytes, header.names, header.units - header.names),
		.units = span_sub(bytes, header.units, header.filetab - header.units),
		.files = span_sub(bytes, header.filetab, header.values - header.filetab),
		.values = span_sub(bytes, header.values, header.pcln - header.values),
		.functions = span_from(bytes, header.pcln),
		.names_offset = header.names,
		.functions_offset = header.pcln,
		.function_count = (uint32_t)header.functions,
		.oldest = header.magic == MAGIC_1_18,
	};
	return 0;
}

/* Word by word: the linker aligns the table, and memmem is ten times slower on bytes this common.
 */
static int scan_segment(const struct elf_image *image, const struct elf_segment *segment,
			struct pclntab *ret)
{
	struct span bytes = elf_image_at(image, segment->address);
	uint64_t offset = -segment->address % 8;

	for (; span_holds(bytes, offset, HEADER_BYTES); offset += 8)
		if (!memcmp(bytes.data + offset + 4, machine_bytes, sizeof(machine_bytes)) &&
		    pclntab_parse(span_from(bytes, offset), segment->address + offset, ret) == 0)
			return 0;
	return -ENOENT;
}

/* Read-only data shares a segment with text where the linker was told so (-z noseparate-code); as
 * text is large, that comes last. */
static int scan_segments(const struct elf_image *image, bool executable, struct pclntab *ret)
{
	struct elf_segment segment;

	for (size_t i = 0; elf_image_segment(image, i, &segment); i++)
		if (segment.executable == executable && scan_segment(image, &segment, ret) == 0)
			return 0;
	return -ENOENT;
}

int pclntab_find(const struct elf_image *image, struct pclntab *ret)
{
	static const char *const sections[] = { ".gopclntab", ".data.rel.ro.gopclntab" };

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		uint64_t address = 0;
		struct span bytes = elf_image_section(image, sections[i], &address);

		if (pclntab_parse(bytes, address, ret) == 0)
			return 0;
	}
	return scan_segments(image, false, ret) == 0 ? 0 : scan_segments(image, true, ret);
}

static int read_functab(const struct pclntab *table, uint32_t index, uint32_t *ret_entry,
			uint32_t *ret_function)
{
	uint64_t at = (uint64_t)index * FUNCTAB_ENTRY;

	if (index >= table->function_count || span_u32(table->functions, at, ret_entry) < 0)
		return -ERANGE;
	return span_u32(table->functions, at + 4, ret_function);
}

/* The array of pc-value table offsets behind the _func, then that of funcdata offsets. */
static void read_tail(struct span function, uint32_t head_bytes, struct pclntab_function *ret)
{
	uint32_t pcdata_count = 0;
	uint8_t funcdata_count = 0;

	ret->inline_index = 0;
	ret->inline_tree = NOTHING;
	span_u32(function, 28, &pcdata_count);
	span_u8(function, head_bytes - 1, &funcdata_count);
	if (pcdata_count > PCDATA_INLINE)
		span_u32(function, head_bytes + 4 * PCDATA_INLINE, &ret->inline_index);
	if (funcdata_count > FUNCDATA_INLINE)
		span_u32(function, head_bytes + 4 * ((uint64_t)pcdata_count + FUNCDATA_INLINE),
			 &ret->inline_tree);
}

int pclntab_function(const struct pclntab *table, uint32_t index, struct pclntab_function *ret)
{
	uint32_t head_bytes = table->oldest ? FUNC_BYTES_1_19 : FUNC_BYTES;
	struct pclntab_function result = { 0 };
	struct span function;
	uint32_t offset;

	if (read_functab(table, index, &result.entry, &offset) < 0 ||
	    span_u32(table->functions, ((uint64_t)index + 1) * FUNCTAB_ENTRY, &result.end) < 0)
		return -ERANGE;
	function = span_from(table->functions, offset);
	if (!span_holds(function, 0, head_bytes) || result.end < result.entry)
		return -ERANGE;
	span_u32(function, 4, &result.name);
	span_u32(function, 20, &result.pcfile);
	span_u32(function, 24, &result.pcln);
	span_u32(function, 32, &result.unit);
	if (!table->oldest)
		span_u32(function, START_LINE_OFFSET, &result.start_line);
	span_u8(function, head_bytes - 4, &result.function_id);
	read_tail(function, head_bytes, &result);
	*ret = result;
	return 0;
}

uint32_t pclntab_function_name(const struct pclntab *table, uint32_t index)
{
	uint32_t entry, offset, name;

	if (read_functab(table, index, &entry, &offset) < 0 ||
	    span_u32(table->functions, (uint64_t)offset + 4, &name) < 0)
		return NOTHING;
	return name;
}

static uint32_t entry_of(const struct pclntab *table, uint32_t index)
{
	uint32_t entry = 0;

	span_u32(table->functions, (uint64_t)index * FUNCTAB_ENTRY, &entry);
	return entry;
}

int pclntab_search(const struct pclntab *table, uint32_t text_offset, uint32_t *ret)
{
	uint32_t low = 0, high = table->function_count;

	if (text_offset < entry_of(table, 0) || text_offset >= entry_of(table, high))
		return -ENOENT;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (entry_of(table, middle) <= text_offset)
			low = middle;
		else
			high = middle;
	}
	*ret = low;
	return 0;
}

int32_t pclntab_value(const struct pclntab *table, uint32_t offset, uint32_t entry,
		      uint32_t text_offset)
{
	uint64_t at = offset, end = at + LIMIT_PCVALUE_BYTES, pc = entry;
	uint32_t value = NOTHING; /* -1, in arithmetic that may wrap */

	while (offset && at < end) {
		bool first = at == offset;
		uint32_t value_step, pc_step;

		if (span_uvarint(table->values, &at, &value_step) < 0 || (!value_step && !first) ||
		    span_uvarint(table->values, &at, &pc_step) < 0)
			break;
		value += (value_step >> 1) ^ -(value_step & 1);
		pc += pc_step;
		if (text_offset < pc)
			return (int32_t)value;
	}
	return -1;
}

int32_t pclntab_value_most(const struct pclntab *table, uint32_t offset)
{
	uint64_t at = offset, end = at + LIMIT_PCVALUE_BYTES;
	uint32_t value = NOTHING, value_step, pc_step;
	int32_t most = -1;

	while (offset && at < end) {
		bool first = at == offset;

		if (span_uvarint(table->values, &at, &value_step) < 0 || (!value_step && !first) ||
		    span_uvarint(table->values, &at, &pc_step) < 0)
			break;
		value += (value_step >> 1) ^ -(value_step & 1);
		most = (int32_t)value > most ? (int32_t)value : most;
	}
	return most;
}

uint32_t pclntab_code_end(const struct pclntab *table, const struct pclntab_function *function)
{
	uint64_t at = function->pcfile, end = at + LIMIT_PCVALUE_BYTES, pc = function->entry;

	while (function->pcfile && at < end) {
		bool first = at == function->pcfile;
		uint32_t value_step, pc_step;

		if (span_uvarint(table->values, &at, &value_step) < 0)
			break;
		if (!value_step && !first)
			return pc > function->entry && pc <= function->end ? (uint32_t)pc
									   : function->end;
		if (span_uvarint(table->values, &at, &pc_step) < 0)
			break;
		pc += pc_step;
	}
	return function->end;
}

const char *pclntab_name(const struct pclntab *table, uint32_t offset)
{
	return span_string(table->names, offset, table->names.length);
}

static const char *file_name(const struct pclntab *table, uint32_t unit, int32_t number)
{
	uint32_t offset = NOTHING;

	if (unit == NOTHING || number < 0)
		return NULL;
	span_u32(table->units, 4 * ((uint64_t)unit + (uint32_t)number), &offset);
	return span_string(table->files, offset, table->files.length);
}

const char *pclntab_line(const struct pclntab *table, const struct pclntab_function *function,
			 uint32_t text_offset, uint32_t *ret_line)
{
	int32_t number = pclntab_value(table, function->pcfile, function->entry, text_offset);
	int32_t line = pclntab_value(table, function->pcln, function->entry, text_offset);
	const char *file = file_name(table, function->unit, number);

	*ret_line = line > 0 ? (uint32_t)line : 0;
	return file ? file : "";
}

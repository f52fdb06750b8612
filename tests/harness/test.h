/*
 * Tests register themselves: TEST("the name is a sentence") { ... } is all there is to write.
 * Output is TAP.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char *name, *file;
	int line;
	void (*run)(void);
	struct test *next;
};
void test_register(struct test *test);

/* Ends the current test. Arguments are a printf format and its values. */
void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void test_skip(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define TEST_JOIN_(a, b) a##b
#define TEST_JOIN(a, b)	 TEST_JOIN_(a, b)
#define TEST(sentence)	 TEST_DEFINE(sentence, TEST_JOIN(test_, __LINE__))
#define TEST_DEFINE(sentence, id)                                                                  \
	static void id(void);                                                                      \
	__attribute__((constructor)) static void TEST_JOIN(id, _register)(void)                    \
	{                                                                                          \
		static struct test self = { sentence, __FILE__, __LINE__, id, NULL };              \
		test_register(&self);                                                              \
	}                                                                                          \
	static void id(void)

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			test_fail(__FILE__, __LINE__, "%s is false", #condition);                  \
	} while (0)
#define CHECK_INT(actual, expected)                                                                \
	do {                                                                                       \
		long long actual_ = (long long)(actual), expected_ = (long long)(expected);        \
		if (actual_ != expected_)                                                          \
			test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #actual, actual_,    \
				  expected_);                                                      \
	} while (0)
#define CHECK_STRING(actual, expected)                                                             \
	do {                                                                                       \
		const char *actual_ = (actual), *expected_ = (expected);                           \
		if (!actual_ || strcmp(actual_, expected_))                                        \
			test_fail(__FILE__, __LINE__, "%s is\n%s\nnot\n%s", #actual,               \
				  actual_ ? actual_ : "(null)", expected_);                        \
	} while (0)
#define CHECK_NEAR(actual, expected, tolerance)                                                    \
	do {                                                                                       \
		double actual_ = (actual), expected_ = (expected);                                 \
		if (!(actual_ >= expected_ - (tolerance) && actual_ <= expected_ + (tolerance)))   \
			test_fail(__FILE__, __LINE__, "%s is %.17g, not %.17g", #actual, actual_,  \
				  expected_);                                                      \
	} while (0)

#endif

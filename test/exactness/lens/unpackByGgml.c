/* Unpacks weights with ggml's own code: LIBRARY FUNCTION COUNT PACKED-FILE VALUES-FILE. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef void (*unpack_row)(const void *, float *, int64_t);

static int fail(const char * what) {
    fprintf(stderr, "%s\n", what);
    return 1;
}

int main(int argc, char ** argv) {
    if (argc != 6) return fail("LIBRARY FUNCTION COUNT PACKED-FILE VALUES-FILE");
    void * library = dlopen(argv[1], RTLD_NOW);
    if (!library) return fail(dlerror());
    unpack_row unpack = (unpack_row) dlsym(library, argv[2]);
    if (!unpack) return fail(dlerror());
    const size_t count = strtoull(argv[3], NULL, 10);

    /* No type takes more than four bytes a weight. */
    void * packed = calloc(count, sizeof(float));
    float * values = calloc(count, sizeof(float));
    FILE * from = fopen(argv[4], "rb");
    FILE * to = fopen(argv[5], "wb");
    if (!packed || !values || !from || !to) return fail("no memory, or no such file");
    if (fread(packed, 1, count * sizeof(float), from) == 0) return fail("nothing to unpack");
    unpack(packed, values, (int64_t) count);
    if (fwrite(values, sizeof(float), count, to) != count || fclose(to) != 0) return fail("not written");
    return 0;
}

/*
 * regression_driver.c: runs a fuzz target over given files, without a fuzzer.
 *
 *     fuzz_record_seeds FILE|FOLDER …
 *
 * Every file, and every file in every folder, is given once to LLVMFuzzerTestOneInput, from a copy of exactly its size.
 * A target that finds a fault aborts. Exits 1 when something cannot be read or nothing was given.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        return -1;
    }
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    if (size < 0 || bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        free(bytes);
        fclose(file);
        return -1;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    return 1;
}

/* Number of files run, or -1. */
static int run(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(about.st_mode)) {
        return run_file(path);
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return -1;
    }
    int count = 0;
    for (struct dirent *entry; count >= 0 && (entry = readdir(folder)) != NULL;) {
        char inside[4096];
        if (entry->d_name[0] != '.') {
            snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
            int ran = run(inside);
            count = ran < 0 ? ran : count + ran;
        }
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv) {
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int count = run(argv[i]);
        if (count < 0) {
            return 1;
        }
        total += count;
    }
    printf("%d files\n", total);
    return total > 0 ? 0 : 1;
}

/*
 * What a processor can do at best: lines `identifier <tab> identifier` of one file become lines
 * `identifier <tab> smallest-numbered identifier of its component` of another. One thread; the strings are never copied.
 *
 *   cc -O2 -o union-find union-find.c && ./union-find edges.tsv mapping.tsv
 *
 * Prints seconds by phase and the peak of memory as JSON.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct identifier {
  const char *text;
  uint64_t hash;
  uint32_t length;
};

static struct identifier *identifiers;
static uint32_t count, room;
/* Open addressing; a slot holds the identifier's number plus one. */
static uint32_t *slots;
static uint64_t mask;
static uint32_t *parent;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *resized(void *memory, size_t bytes) {
  void *result = realloc(memory, bytes);
  if (result == NULL) fail("realloc");
  return result;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static uint64_t hash_of(const char *text, size_t length) {
  uint64_t hash = length * 0x9e3779b97f4a7c15u, word;
  for (; length >= 8; text += 8, length -= 8) {
    memcpy(&word, text, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  word = 0;
  memcpy(&word, text, length);
  hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 32;
}

static void grow_slots(void) {
  uint64_t size = mask == 0 ? 1 << 16 : (mask + 1) * 2;
  free(slots);
  slots = calloc(size, sizeof *slots);
  if (slots == NULL) fail("calloc");
  mask = size - 1;
  for (uint32_t number = 0; number < count; number++) {
    uint64_t slot = identifiers[number].hash & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = number + 1;
  }
}

static uint32_t number_of(const char *text, size_t length) {
  uint64_t hash = hash_of(text, length), slot = hash & mask;
  for (; slots[slot] != 0; slot = (slot + 1) & mask) {
    const struct identifier *known = &identifiers[slots[slot] - 1];
    if (known->hash == hash && known->length == length && memcmp(known->text, text, length) == 0)
      return slots[slot] - 1;
  }
  if (count == room) {
    room = room == 0 ? 1 << 16 : room * 2;
    identifiers = resized(identifiers, room * sizeof *identifiers);
  }
  identifiers[count] = (struct identifier){text, hash, (uint32_t)length};
  slots[slot] = ++count;
  if (count * 2ull > mask) grow_slots();
  return count - 1;
}

static uint32_t find(uint32_t node) {
  while (parent[node] != node) node = parent[node] = parent[parent[node]];
  return node;
}

static const char *until(const char *from, const char *end, char stop) {
  const char *found = memchr(from, stop, (size_t)(end - from));
  return found == NULL ? end : found;
}

int main(int arguments, char **argument) {
  if (arguments != 3) {
    fprintf(stderr, "union-find EDGES MAPPING\n");
    return 2;
  }
  double started = now();
  int file = open(argument[1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail(argument[1]);
  const char *at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (at == MAP_FAILED) fail("mmap");
  const char *end = at + status.st_size;
  uint32_t(*edges)[2] = NULL;
  size_t edge_count = 0, edge_room = 0;
  grow_slots();
  while (at < end) {
    if (edge_count == edge_room) {
      edge_room = edge_room == 0 ? 1 << 16 : edge_room * 2;
      edges = resized(edges, edge_room * sizeof *edges);
    }
    const char *tab = until(at, end, '\t'), *line_end = until(tab + 1, end, '\n');
    edges[edge_count][0] = number_of(at, (size_t)(tab - at));
    edges[edge_count][1] = number_of(tab + 1, (size_t)(line_end - tab - 1));
    edge_count++;
    at = line_end + 1;
  }
  double numbered = now();

  parent = resized(NULL, (count + 1ull) * sizeof *parent);
  for (uint32_t node = 0; node < count; node++) parent[node] = node;
  for (size_t edge = 0; edge < edge_count; edge++) {
    uint32_t a = find(edges[edge][0]), b = find(edges[edge][1]);
    if (a < b)
      parent[b] = a;
    else
      parent[a] = b;
  }
  double joined = now();

  FILE *mapping = fopen(argument[2], "w");
  if (mapping == NULL) fail(argument[2]);
  setvbuf(mapping, NULL, _IOFBF, 1 << 20);
  for (uint32_t node = 0; node < count; node++) {
    const struct identifier *own = &identifiers[node], *smallest = &identifiers[find(node)];
    fwrite(own->text, 1, own->length, mapping);
    putc('\t', mapping);
    fwrite(smallest->text, 1, smallest->length, mapping);
    putc('\n', mapping);
  }
  if (fclose(mapping) != 0) fail(argument[2]);
  double written = now();

  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  double peak_mb = usage.ru_maxrss / 1048576.0;
#else
  double peak_mb = usage.ru_maxrss / 1024.0;
#endif
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"seconds\": %.6f, \"cpuSeconds\": %.6f, \"peakMb\": %.1f, \"encode\": %.6f, \"unionFind\": %.6f, \"write\": %.6f}\n",
         written - started, cpu, peak_mb, numbered - started, joined - numbered, written - joined);
  return 0;
}

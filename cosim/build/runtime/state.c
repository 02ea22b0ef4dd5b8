/* Saving and restoring an instance: a header, then the state block as it lies in memory.
 *
 * resources/state_layout.json names every number with its offset. A serialised state may be edited: the header's
 * checksum then no longer fits, which is how the runtime knows that it must look for events before the next step.
 */
#include "instance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char MAGIC[8] = {'C', 'O', 'S', 'I', 'M', 'F', 'S', '1'};

typedef struct {
    char magic[8];
    uint64_t layout_hash;
    uint64_t size; /* of header and numbers, in bytes */
    uint64_t checksum;
} Header;

struct FmuState {
    Header header;
    double numbers[];
};

size_t state_size(const Instance *in)
{
    return sizeof(Header) + in->n_block * sizeof(double);
}

/* FNV-1a over 64-bit words. */
static uint64_t checksum(const double *numbers, size_t n)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) {
        uint64_t word;
        memcpy(&word, &numbers[i], sizeof(word));
        hash = (hash ^ word) * 1099511628211u;
    }
    return hash;
}

FmuState *state_save(Instance *in, FmuState *into)
{
    FmuState *state = into ? into : malloc(state_size(in));
    if (!state) return NULL;
    memcpy(state->header.magic, MAGIC, sizeof(MAGIC));
    state->header.layout_hash = in->model->layout_hash;
    state->header.size = state_size(in);
    state->header.checksum = 0;
    memcpy(state->numbers, in->block, in->n_block * sizeof(double));
    return state;
}

static int check_header(Instance *in, const Header *header)
{
    if (memcmp(header->magic, MAGIC, sizeof(MAGIC)) == 0 && header->layout_hash == in->model->layout_hash &&
        header->size == state_size(in))
        return STATUS_OK;
    instance_log(in, LOG_ERROR, "The FMU state was not saved by this FMU ('%s'): its header differs in %s.",
                 in->model->name,
                 memcmp(header->magic, MAGIC, sizeof(MAGIC)) != 0          ? "the magic word"
                 : header->layout_hash != in->model->layout_hash ? "the hash of the state layout"
                                                                 : "size");
    return STATUS_ERROR;
}

int state_restore(Instance *in, const FmuState *state)
{
    double is_cosimulation = in->block[S_IS_COSIMULATION];
    if (!state || check_header(in, &state->header)) return STATUS_ERROR;
    memcpy(in->block, state->numbers, in->n_block * sizeof(double));
    instance_touch(in);
    if (in->block[S_IS_COSIMULATION] == is_cosimulation) return STATUS_OK;
    instance_log(in, LOG_ERROR, "The FMU state was saved by a %s instance and cannot be set in the other kind.",
                 is_cosimulation != 0.0 ? "Model Exchange" : "Co-Simulation");
    in->block[S_IS_COSIMULATION] = is_cosimulation;
    in->block[S_MODE] = MODE_FAILED;
    return STATUS_ERROR;
}

int state_serialise(const Instance *in, const FmuState *state, char *bytes, size_t size)
{
    Header header;
    if (!state || size < state_size(in)) return STATUS_ERROR;
    header = state->header;
    header.checksum = checksum(state->numbers, in->n_block);
    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), state->numbers, in->n_block * sizeof(double));
    return STATUS_OK;
}

static int check_numbers(Instance *in, const double *numbers)
{
    for (size_t i = 0; i < in->n_block; i++) {
        if (fabs(numbers[i]) < HUGE_VAL) continue;
        instance_log(in, LOG_ERROR,
                     "The serialised FMU state holds %g at byte offset %lu (see resources/state_layout.json); every "
                     "entry must be finite.",
                     numbers[i], (unsigned long)(sizeof(Header) + i * sizeof(double)));
        return STATUS_ERROR;
    }
    return STATUS_OK;
}

FmuState *state_deserialise(Instance *in, const char *bytes, size_t size)
{
    FmuState *state;
    if (size != state_size(in)) {
        instance_log(in, LOG_ERROR, "The serialised FMU state has %lu bytes; this FMU's states have %lu.",
                     (unsigned long)size, (unsigned long)state_size(in));
        return NULL;
    }
    state = malloc(size);
    if (!state) return NULL;
    memcpy(state, bytes, size);
    if (check_header(in, &state->header) || check_numbers(in, state->numbers)) {
        free(state);
        return NULL;
    }
    if (state->header.checksum != checksum(state->numbers, in->n_block)) {
        state->numbers[S_INPUTS_CHANGED] = 1.0;
        in->may_be_outside = 1;
    }
    return state;
}

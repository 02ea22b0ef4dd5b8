/* Inputs within a step of FMI 3.0, asked of the importer. */
#ifndef COSIM_FMI3_UPDATE_H
#define COSIM_FMI3_UPDATE_H

#include "instance.h"

#include "fmi3Functions.h"

/* Take the callback if there are variables to ask for; 0 when one of them is no continuous input. */
int fmi3_set_intermediate(Instance *in, const fmi3ValueReference references[], size_t n,
                          fmi3IntermediateUpdateCallback update);
void fmi3_ask_inputs(Instance *in, double t_end);

#endif

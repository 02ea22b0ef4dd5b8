/* FMI 3.0 functions that this FMU does not offer; the standard asks that they exist all the same. */
#include "instance.h"

#include "fmi3Functions.h"

static fmi3Status not_offered(Instance *in, const char *function)
{
    if (in)
        instance_log(in, LOG_ERROR, "%s: this FMU does not offer it; see the capability flags in modelDescription.xml.",
                     function);
    return fmi3Error;
}

fmi3Status fmi3GetBinary(fmi3Instance instance, const fmi3ValueReference a[], size_t b, size_t sizes[], fmi3Binary
    v[], size_t n)
{
    (void)a;
    (void)b;
    (void)sizes;
    (void)v;
    (void)n;
    return not_offered(instance, "fmi3GetBinary");
}

fmi3Status fmi3SetBinary(fmi3Instance instance, const fmi3ValueReference a[], size_t b, const size_t sizes[], const
    fmi3Binary v[], size_t n)
{
    (void)a;
    (void)b;
    (void)sizes;
    (void)v;
    (void)n;
    return not_offered(instance, "fmi3SetBinary");
}

fmi3Status fmi3GetClock(fmi3Instance instance, const fmi3ValueReference a[], size_t n, fmi3Clock v[])
{
    (void)a;
    (void)n;
    (void)v;
    return not_offered(instance, "fmi3GetClock");
}

fmi3Status fmi3SetClock(fmi3Instance instance, const fmi3ValueReference a[], size_t n, const fmi3Clock v[])
{
    (void)a;
    (void)n;
    (void)v;
    return not_offered(instance, "fmi3SetClock");
}

fmi3Status fmi3GetNumberOfVariableDependencies(fmi3Instance instance, fmi3ValueReference a, size_t *n)
{
    (void)a;
    (void)n;
    return not_offered(instance, "fmi3GetNumberOfVariableDependencies");
}

fmi3Status fmi3GetVariableDependencies(fmi3Instance instance, fmi3ValueReference a, size_t b[], fmi3ValueReference
    c[], size_t d[], fmi3DependencyKind e[], size_t n)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    (void)n;
    return not_offered(instance, "fmi3GetVariableDependencies");
}

fmi3Status fmi3EnterConfigurationMode(fmi3Instance instance)
{
    return not_offered(instance, "fmi3EnterConfigurationMode");
}

fmi3Status fmi3ExitConfigurationMode(fmi3Instance instance)
{
    return not_offered(instance, "fmi3ExitConfigurationMode");
}

fmi3Status fmi3GetIntervalDecimal(fmi3Instance instance, const fmi3ValueReference a[], size_t n, fmi3Float64 b[],
    fmi3IntervalQualifier c[])
{
    (void)a;
    (void)n;
    (void)b;
    (void)c;
    return not_offered(instance, "fmi3GetIntervalDecimal");
}

fmi3Status fmi3GetIntervalFraction(fmi3Instance instance, const fmi3ValueReference a[], size_t n, fmi3UInt64 b[],
    fmi3UInt64 c[], fmi3IntervalQualifier d[])
{
    (void)a;
    (void)n;
    (void)b;
    (void)c;
    (void)d;
    return not_offered(instance, "fmi3GetIntervalFraction");
}

fmi3Status fmi3GetShiftDecimal(fmi3Instance instance, const fmi3ValueReference a[], size_t n, fmi3Float64 b[])
{
    (void)a;
    (void)n;
    (void)b;
    return not_offered(instance, "fmi3GetShiftDecimal");
}

fmi3Status fmi3GetShiftFraction(fmi3Instance instance, const fmi3ValueReference a[], size_t n, fmi3UInt64 b[],
    fmi3UInt64 c[])
{
    (void)a;
    (void)n;
    (void)b;
    (void)c;
    return not_offered(instance, "fmi3GetShiftFraction");
}

fmi3Status fmi3SetIntervalDecimal(fmi3Instance instance, const fmi3ValueReference a[], size_t n, const fmi3Float64
    b[])
{
    (void)a;
    (void)n;
    (void)b;
    return not_offered(instance, "fmi3SetIntervalDecimal");
}

fmi3Status fmi3SetIntervalFraction(fmi3Instance instance, const fmi3ValueReference a[], size_t n, const fmi3UInt64
    b[], const fmi3UInt64 c[])
{
    (void)a;
    (void)n;
    (void)b;
    (void)c;
    return not_offered(instance, "fmi3SetIntervalFraction");
}

fmi3Status fmi3SetShiftDecimal(fmi3Instance instance, const fmi3ValueReference a[], size_t n, const fmi3Float64 b[])
{
    (void)a;
    (void)n;
    (void)b;
    return not_offered(instance, "fmi3SetShiftDecimal");
}

fmi3Status fmi3SetShiftFraction(fmi3Instance instance, const fmi3ValueReference a[], size_t n, const fmi3UInt64 b[],
    const fmi3UInt64 c[])
{
    (void)a;
    (void)n;
    (void)b;
    (void)c;
    return not_offered(instance, "fmi3SetShiftFraction");
}

fmi3Status fmi3EvaluateDiscreteStates(fmi3Instance instance)
{
    return not_offered(instance, "fmi3EvaluateDiscreteStates");
}

fmi3Status fmi3EnterStepMode(fmi3Instance instance)
{
    return not_offered(instance, "fmi3EnterStepMode");
}

fmi3Status fmi3ActivateModelPartition(fmi3Instance instance, fmi3ValueReference a, fmi3Float64 b)
{
    (void)a;
    (void)b;
    return not_offered(instance, "fmi3ActivateModelPartition");
}

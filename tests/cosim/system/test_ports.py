from cosim.system.ports import find_ports
from cosim.system.stream import Medium, PortDirection
from cosim.system.variable import Causality, Variable


def variables(**causalities: Causality) -> dict[str, Variable]:
    return {name.replace("__", "."): Variable(name, causality) for name, causality in causalities.items()}


IN, OUT = Causality.INPUT, Causality.OUTPUT


def test_outlet_with_totals_and_demand():
    port = find_ports(
        variables(
            out__V_flow=OUT, out__T=OUT, out__c_mab=OUT, out__c_x=OUT, out__V_total=OUT, out__m_mab_total=OUT,
            out__m_x_total=OUT, out__demand=IN,
        )
    )["out"]  # fmt: skip
    assert (port.direction, port.medium, port.species) == (PortDirection.OUTLET, Medium.LIQUID, ("mab", "x"))
    assert port.has_totals
    assert port.has_temperature
    assert port.has_demand
    assert not port.is_reversible


def test_one_total_missing_is_no_totals():
    found = find_ports(variables(out__V_flow=OUT, out__c_mab=OUT, out__V_total=OUT))
    assert not found["out"].has_totals


def test_inlet_of_gas_below_another_level():
    found = find_ports(variables(sparger__air__n_flow=IN, sparger__air__y_o2=IN))
    assert found["sparger.air"].medium is Medium.GAS
    assert found["sparger.air"].direction is PortDirection.INLET
    assert found["sparger.air"].species == ("o2",)


def test_demand_of_the_wrong_causality_is_none():
    assert not find_ports(variables(feed__V_flow=IN, feed__demand=IN))["feed"].has_demand


def test_local_flow_and_flow_without_a_port_are_no_ports():
    assert find_ports(variables(inner__V_flow=Causality.LOCAL, V_flow=OUT)) == {}

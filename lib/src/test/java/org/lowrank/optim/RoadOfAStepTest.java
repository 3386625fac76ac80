package org.lowrank.optim;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jdi.AbsentInformationException;
import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.event.VMDeathEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.EventRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which files a reader opens who follows one step of a method from {@link PairOptimizer#step} to
 * the last array operation: at most eight. A debugger stands at every method of ours that runs, on
 * every thread, in a process that makes the step for real.
 *
 * <p>A file is on the road if more of it runs than constructors, {@code needs}, and methods that
 * return what they hold or were given, and if it is not passed by.
 */
class RoadOfAStepTest {

    private static final String OURS = "org/lowrank/";

    private static final Map<String, List<String>> ROADS =
            Map.of(
                    "lora_pro",
                    List.of(
                            "adapter/PairStack",
                            "engine/HostTrip",
                            "optim/FollowRule",
                            "optim/InPlace",
                            "optim/PairOptimizer",
                            "rule/LoraPro",
                            "rule/PairAlgebra",
                            "rule/PairGrams"),
                    "altlora",
                    List.of(
                            "adapter/PairStack",
                            "engine/HostTrip",
                            "optim/AlignedMoments",
                            "optim/InPlace",
                            "optim/PairOptimizer",
                            "optim/Partners",
                            "optim/UpdateOrder"));

    /** What is passed by, and why. */
    private static final Map<String, String> PASSED_BY =
            Map.ofEntries(
                    entry("engine/Arrays", "an array operation by another name"),
                    entry("engine/QuietEngine", "what DJL asks before each of its operations"),
                    entry("engine/TorchProgram", "an array operation, given by its text"),
                    entry("optim/FactorStep", "looks up a factor and what is kept of it"),
                    entry("optim/Needs", "a record: what stages ask for"),
                    entry("optim/OptimizerState", "where what is kept is looked up"),
                    entry("optim/OptimizerStep", "looks up factors and what is kept of them"),
                    entry("optim/StepConstants", "looks up numbers"),
                    entry("rule/Draws", "a record: what a rule that draws begins with"),
                    entry("rule/Factors", "looks up which factors are meant"));

    /** Solvers behind an interface are passed by too. */
    private static final String SOLVERS = "linalg/";

    @ParameterizedTest
    @ValueSource(strings = {"lora_pro", "altlora"})
    void aStepIsReadInAtMostEightFiles(String optimizer) throws Exception {
        var ran = ran(optimizer);
        var road = new TreeSet<>(ran.keySet());
        road.removeIf(file -> PASSED_BY.containsKey(file) || file.startsWith(SOLVERS));
        assertEquals(ROADS.get(optimizer), List.copyOf(road), ran.toString());
        assertTrue(road.size() <= 8, ran.toString());
    }

    /** By file, the methods that do something. */
    private static Map<String, Set<String>> ran(String optimizer) throws Exception {
        var connector = Bootstrap.virtualMachineManager().defaultConnector();
        var how = connector.defaultArguments();
        how.get("options")
                .setValue(
                        "-XX:TieredStopAtLevel=1 -Dai.djl.offline=true"
                                + " -Dai.djl.pytorch.num_threads=1 -cp \""
                                + System.getProperty("java.class.path")
                                + "\"");
        how.get("main").setValue(StepProbe.class.getName() + " " + optimizer);
        var process = connector.launch(how);
        var ran = new TreeMap<String, Set<String>>();
        try {
            watch(process, ran);
        } finally {
            process.process().destroyForcibly();
        }
        return ran;
    }

    private static void watch(VirtualMachine process, Map<String, Set<String>> ran)
            throws Exception {
        var prepared = process.eventRequestManager().createClassPrepareRequest();
        prepared.addClassFilter(StepProbe.class.getName());
        prepared.enable();
        // Asked for between the marks alone: while it stands, the process compiles nothing.
        var within = process.eventRequestManager().createMethodEntryRequest();
        within.addClassFilter("org.lowrank.*");
        within.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
        int ended = 0;
        while (true) {
            var events = process.eventQueue().remove();
            for (var event : events) {
                if (event instanceof VMDeathEvent || event instanceof VMDisconnectEvent) {
                    assertEquals(2, ended, "steps that ended");
                    return;
                } else if (event instanceof ClassPrepareEvent probe) {
                    stopAt(probe.referenceType(), "begin");
                    stopAt(probe.referenceType(), "end");
                } else if (event instanceof BreakpointEvent mark) {
                    boolean begins = mark.location().method().name().equals("begin");
                    within.setEnabled(begins);
                    ended += begins ? 0 : 1;
                } else if (event instanceof MethodEntryEvent entered) {
                    note(entered.method(), ran);
                }
            }
            events.resume();
        }
    }

    private static void stopAt(ReferenceType probe, String mark) {
        var manager = probe.virtualMachine().eventRequestManager();
        var stop = manager.createBreakpointRequest(probe.methodsByName(mark).get(0).location());
        stop.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
        stop.enable();
    }

    private static void note(Method method, Map<String, Set<String>> ran) {
        if (method.isConstructor()
                || method.isStaticInitializer()
                || method.name().equals("needs")
                || returnsWhatIsThere(method)) {
            return;
        }
        try {
            var path = method.location().sourcePath();
            var file = path.substring(OURS.length(), path.lastIndexOf('.'));
            ran.computeIfAbsent(file, f -> new TreeSet<>()).add(method.name());
        } catch (AbsentInformationException e) {
            // what the JVM spins for a lambda has no file; the lambda's body has
        }
    }

    /** A field, an argument, a constant or nothing: at most a load, a get and a return. */
    private static boolean returnsWhatIsThere(Method method) {
        return method.bytecodes().length <= 5;
    }
}

package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.VMDeathEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.EventRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.engine.HostTrip;

/**
 * What crosses between the host and the device in a training step. All that does passes one method
 * of the engine's each way, on the processor as on a GPU; a debugger stands there, in a process
 * that trains for real, and notes who called.
 */
class TransfersTest {

    private static final String ENGINE = "ai.djl.pytorch.jni.JniUtils";
    private static final String DOWN = "getByteBuffer";
    private static final String UP = "createNdFromByteBuffer";
    private static final List<String> MARKS = List.of("begin", "end");

    /**
     * To the host: losses and norm of the whole step at once, and the Gram matrices that a rule
     * asks for. To the device, beside the batches: what the rule answers.
     */
    @ParameterizedTest(name = "{0}: {1} to the host, {2} of the rule to the device")
    @CsvSource({"adamw, 1, 0", "lora_pro, 2, 1", "altlora, 2, 1"})
    void aStepReadsItsReportAndWhatTheRuleAsksForAndNothingElse(
            String optimizer, int down, int ofTheRule) throws Exception {
        var calls = calls(optimizer);
        assertEquals(down, calls.get(DOWN).size(), calls.toString());
        long rule = calls.get(UP).stream().filter(c -> c.contains(name(HostTrip.class))).count();
        assertEquals(ofTheRule, rule, calls.toString());
        assertTrue(calls.get(UP).size() >= TransferProbe.BATCHES_A_STEP, calls.toString());
    }

    private static String name(Class<?> type) {
        return type.getSimpleName() + ".";
    }

    /** By method of the engine: the callers of ours, in their order. */
    private static Map<String, List<String>> calls(String optimizer) throws Exception {
        var connector = Bootstrap.virtualMachineManager().defaultConnector();
        var how = connector.defaultArguments();
        how.get("options")
                .setValue(
                        "-XX:TieredStopAtLevel=1 -Dai.djl.offline=true"
                                + " -Dai.djl.pytorch.num_threads=1 -cp \""
                                + System.getProperty("java.class.path")
                                + "\"");
        how.get("main").setValue(TransferProbe.class.getName() + " " + optimizer);
        var process = connector.launch(how);
        var calls = new TreeMap<String, List<String>>(Map.of(DOWN, list(), UP, list()));
        try {
            watch(process, calls);
        } finally {
            process.process().destroyForcibly();
        }
        return calls;
    }

    private static List<String> list() {
        return new ArrayList<>();
    }

    private static void watch(VirtualMachine process, Map<String, List<String>> calls)
            throws Exception {
        for (var name : List.of(ENGINE, TransferProbe.class.getName())) {
            var prepared = process.eventRequestManager().createClassPrepareRequest();
            prepared.addClassFilter(name);
            prepared.enable();
        }
        var doors = new ArrayList<EventRequest>();
        boolean ended = false;
        while (true) {
            var events = process.eventQueue().remove();
            for (var event : events) {
                if (event instanceof VMDeathEvent || event instanceof VMDisconnectEvent) {
                    assertTrue(ended, () -> said(process.process()));
                    return;
                } else if (event instanceof ClassPrepareEvent prepared) {
                    doors.addAll(doors(process, prepared.referenceType()));
                } else if (event instanceof BreakpointEvent reached) {
                    var method = reached.location().method().name();
                    if (MARKS.contains(method)) {
                        boolean begins = method.equals(MARKS.get(0));
                        ended |= !begins;
                        doors.forEach(door -> door.setEnabled(begins));
                    } else {
                        calls.get(method).add(caller(reached));
                    }
                }
            }
            events.resume();
        }
    }

    /** Where the debugger stands in a class: at the marks from now on, else between them. */
    private static List<EventRequest> doors(VirtualMachine process, ReferenceType type) {
        var doors = new ArrayList<EventRequest>();
        for (var method : type.methods()) {
            boolean mark = MARKS.contains(method.name()) && !type.name().equals(ENGINE);
            if (mark || List.of(DOWN, UP).contains(method.name())) {
                var stop = process.eventRequestManager().createBreakpointRequest(method.location());
                stop.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
                if (mark) {
                    stop.enable();
                } else {
                    doors.add(stop);
                }
            }
        }
        return doors;
    }

    private static String caller(BreakpointEvent reached) throws IncompatibleThreadStateException {
        for (var frame : reached.thread().frames()) {
            var type = frame.location().declaringType().name();
            if (type.startsWith("org.lowrank.")) {
                var method = frame.location().method().name();
                return type.substring(type.lastIndexOf('.') + 1) + "." + method;
            }
        }
        return "nobody";
    }

    private static String said(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes())
                    + new String(process.getErrorStream().readAllBytes());
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}

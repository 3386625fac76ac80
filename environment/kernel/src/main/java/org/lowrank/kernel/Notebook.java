package org.lowrank.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.List;

/** The functions that every cell can call: the names and signatures that IJava gives. */
public final class Notebook {

    private Notebook() {}

    /**
     * The picture of a value, to be the last expression of a cell, or to be changed before that.
     */
    public static DisplayData render(Object value) {
        return getKernelInstance().render(value);
    }

    /**
     * The picture of a value in given forms.
     *
     * @param types MIME types, such as {@code text/html}
     */
    public static DisplayData render(Object value, String... types) {
        return getKernelInstance().render(value, types);
    }

    /** Shows a value now; returns the id to update it by. */
    public static String display(Object value) {
        return getKernelInstance().show(render(value));
    }

    /** Shows a value now in given forms; returns the id to update it by. */
    public static String display(Object value, String... types) {
        return getKernelInstance().show(render(value, types));
    }

    /** Replaces what was shown under an id. */
    public static void updateDisplay(String id, Object value) {
        getKernelInstance().update(id, render(value));
    }

    /** Replaces what was shown under an id, in given forms. */
    public static void updateDisplay(String id, Object value, String... types) {
        getKernelInstance().update(id, render(value, types));
    }

    /** Evaluates a text as if it were a cell; returns the value of its last expression. */
    public static Object eval(String code) throws Exception {
        return getKernelInstance().evaluate("eval", code).object();
    }

    /** Calls the magic that {@code %name arguments} calls. */
    public static <T> T lineMagic(String name, List<String> arguments) throws Exception {
        return getKernelInstance().magics().applyLineMagic(name, arguments);
    }

    /** Calls the magic that {@code %%name arguments} calls. */
    public static <T> T cellMagic(String name, List<String> arguments, String body)
            throws Exception {
        return getKernelInstance().magics().applyCellMagic(name, arguments, body);
    }

    /** The kernel that runs this notebook. */
    public static JavaKernel getKernelInstance() {
        return JavaKernel.running();
    }

    /** Prints a formatted text. */
    public static void printf(String format, Object... arguments) {
        System.out.printf(format, arguments);
    }
}

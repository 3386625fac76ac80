package org.lowrank.experiment.spec;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** How much a notebook or a table runs. A notebook states which profile its outputs came from. */
public enum Profile {
    /** What the build's checks and a first reader run: minutes on 2 cores. */
    QUICK,
    /** The full tables at the scale of a CPU: hours, resumable. */
    CPU,
    /** The papers' own models and data: a GPU. */
    PAPER;

    /** The environment variable that names the profile. */
    public static final String VARIABLE = "LOWRANK_PROFILE";

    /** The profile that this process was started with; quick if none is named. */
    public static Profile current() {
        return of(System.getenv());
    }

    static Profile of(Map<String, String> environment) {
        var name = environment.getOrDefault(VARIABLE, "").strip();
        if (name.isEmpty()) {
            return QUICK;
        }
        return Arrays.stream(values())
                .filter(profile -> profile.toString().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "%s is '%s'; allowed: quick, cpu, paper"
                                                .formatted(VARIABLE, name)));
    }

    /** One value a profile. */
    public <T> T choose(T quick, T cpu, T paper) {
        return switch (this) {
            case QUICK -> quick;
            case CPU -> cpu;
            case PAPER -> paper;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

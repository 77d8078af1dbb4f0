// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * GPIO lines with a DHT22 at their far end, for the tests' User-Mode Linux kernel. It stands in for the sensor and its
 * wire, not for the kernel: the kernel's own dht11 driver sends the start pulse, takes the edges as interrupts, decodes
 * 40 bits and checks the sum.
 *
 * Attribute `answers` of the platform device: write "<line> <hex>", e.g. "4 0292010de2": the bytes that the sensor of
 * that line answers with from now on, at most five (DHT22 datasheet: humidity in 0.1 %, temperature in 0.1 degC, sum).
 * A wrong sum is sent as it is (the driver says EIO); fewer than five bytes are an answer that breaks off, none are a
 * sensor that is silent (ETIMEDOUT both). Reading gives the same, a line of text per GPIO line that answers.
 *
 * Times are those of the datasheet except for the high phase of a 0, which ends as soon as the driver has seen it begin
 * (26 us there): a host that is busy would now and then stretch it over the 49 us from which the driver takes it for a 1.
 */
#include <linux/gpio/driver.h>
#include <linux/hex.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/mod_devicetable.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#define LINES 28
#define FRAME 5

#define PREAMBLE_NS 80000
#define LOW_NS 50000
#define ZERO_NS 0
#define ONE_NS 70000

struct sensor {
	struct work_struct work;
	struct wire *wire;
	struct mutex lock; /* of frame and length */
	u8 frame[FRAME];
	u8 length;
	bool called; /* by a start pulse, and not yet answered */
	bool driven; /* by the kernel's side */
	bool value; /* what the kernel's side drives */
	bool level; /* what the sensor's side gives the line; pulled up at rest */
};

struct wire {
	struct gpio_chip chip;
	struct irq_domain *domain;
	struct sensor sensors[LINES];
};

static void phase(struct sensor *sensor, bool level, u64 ns)
{
	unsigned int line = sensor - sensor->wire->sensors;
	u64 from;

	sensor->level = level;
	generic_handle_domain_irq(sensor->wire->domain, line);
	from = ktime_get_ns();
	while (ktime_get_ns() - from < ns)
		cpu_relax();
}

static void answer(struct work_struct *work)
{
	struct sensor *sensor = container_of(work, struct sensor, work);
	u8 frame[FRAME], length;
	unsigned long flags;
	int bit;

	mutex_lock(&sensor->lock);
	length = sensor->length;
	memcpy(frame, sensor->frame, sizeof(frame));
	mutex_unlock(&sensor->lock);
	if (length == 0)
		return;
	local_irq_save(flags);
	phase(sensor, false, PREAMBLE_NS);
	phase(sensor, true, PREAMBLE_NS);
	for (bit = 0; bit < 8 * length; bit++) {
		phase(sensor, false, LOW_NS);
		phase(sensor, true, frame[bit / 8] & (0x80 >> bit % 8) ? ONE_NS : ZERO_NS);
	}
	phase(sensor, false, LOW_NS);
	phase(sensor, true, 0);
	local_irq_restore(flags);
}

/* The driver listens: a sensor that was called answers. */
static void wire_unmask(struct irq_data *data)
{
	struct wire *wire = irq_data_get_irq_chip_data(data);
	struct sensor *sensor = &wire->sensors[irqd_to_hwirq(data)];

	if (sensor->called)
		queue_work(system_highpri_wq, &sensor->work);
	sensor->called = false;
}

static void wire_mask(struct irq_data *data)
{
}

static int wire_set_type(struct irq_data *data, unsigned int type)
{
	return type == IRQ_TYPE_EDGE_BOTH ? 0 : -EINVAL;
}

static struct irq_chip wire_irq_chip = {
	.name = "dht22-wire",
	.irq_mask = wire_mask,
	.irq_unmask = wire_unmask,
	.irq_set_type = wire_set_type,
};

static int wire_map(struct irq_domain *domain, unsigned int irq, irq_hw_number_t line)
{
	irq_set_chip_data(irq, domain->host_data);
	irq_set_chip_and_handler(irq, &wire_irq_chip, handle_simple_irq);
	return 0;
}

static const struct irq_domain_ops wire_domain_ops = { .map = wire_map };

static int wire_to_irq(struct gpio_chip *chip, unsigned int line)
{
	struct wire *wire = gpiochip_get_data(chip);

	return irq_create_mapping(wire->domain, line);
}

static int wire_get(struct gpio_chip *chip, unsigned int line)
{
	struct wire *wire = gpiochip_get_data(chip);
	struct sensor *sensor = &wire->sensors[line];

	return sensor->driven ? sensor->value && sensor->level : sensor->level;
}

static void wire_set(struct gpio_chip *chip, unsigned int line, int value)
{
	struct wire *wire = gpiochip_get_data(chip);

	wire->sensors[line].value = value;
}

static int wire_output(struct gpio_chip *chip, unsigned int line, int value)
{
	struct wire *wire = gpiochip_get_data(chip);

	wire->sensors[line].driven = true;
	wire->sensors[line].value = value;
	return 0;
}

static int wire_input(struct gpio_chip *chip, unsigned int line)
{
	struct wire *wire = gpiochip_get_data(chip);
	struct sensor *sensor = &wire->sensors[line];

	sensor->called = sensor->driven && !sensor->value;
	sensor->driven = false;
	return 0;
}

static int wire_direction(struct gpio_chip *chip, unsigned int line)
{
	struct wire *wire = gpiochip_get_data(chip);

	return wire->sensors[line].driven ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

static ssize_t answers_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct wire *wire = dev_get_drvdata(dev);
	int line, at = 0;

	for (line = 0; line < LINES; line++) {
		struct sensor *sensor = &wire->sensors[line];

		mutex_lock(&sensor->lock);
		if (sensor->length > 0)
			at += sysfs_emit_at(text, at, "%d %*phN\n", line, sensor->length, sensor->frame);
		mutex_unlock(&sensor->lock);
	}
	return at;
}

static ssize_t answers_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	struct wire *wire = dev_get_drvdata(dev);
	char hex[2 * FRAME + 2] = "";
	u8 frame[FRAME] = {};
	struct sensor *sensor;
	unsigned int line;
	size_t digits;

	if (sscanf(text, "%u %11s", &line, hex) < 1 || line >= LINES)
		return -EINVAL;
	digits = strlen(hex);
	if (digits % 2 || digits > 2 * FRAME || hex2bin(frame, hex, digits / 2))
		return -EINVAL;
	sensor = &wire->sensors[line];
	mutex_lock(&sensor->lock);
	memcpy(sensor->frame, frame, sizeof(frame));
	sensor->length = digits / 2;
	mutex_unlock(&sensor->lock);
	return size;
}
static DEVICE_ATTR_RW(answers);

static struct attribute *wire_attrs[] = { &dev_attr_answers.attr, NULL };
ATTRIBUTE_GROUPS(wire);

static int wire_probe(struct platform_device *device)
{
	struct wire *wire = devm_kzalloc(&device->dev, sizeof(*wire), GFP_KERNEL);
	int line;

	if (!wire)
		return -ENOMEM;
	for (line = 0; line < LINES; line++) {
		struct sensor *sensor = &wire->sensors[line];

		INIT_WORK(&sensor->work, answer);
		mutex_init(&sensor->lock);
		sensor->wire = wire;
		sensor->level = true;
	}
	wire->domain = irq_domain_create_linear(dev_fwnode(&device->dev), LINES, &wire_domain_ops, wire);
	if (!wire->domain)
		return -ENOMEM;
	wire->chip.label = "dht22-wire";
	wire->chip.parent = &device->dev;
	wire->chip.owner = THIS_MODULE;
	wire->chip.base = -1;
	wire->chip.ngpio = LINES;
	wire->chip.get = wire_get;
	wire->chip.set = wire_set;
	wire->chip.direction_input = wire_input;
	wire->chip.direction_output = wire_output;
	wire->chip.get_direction = wire_direction;
	wire->chip.to_irq = wire_to_irq;
	platform_set_drvdata(device, wire);
	return devm_gpiochip_add_data(&device->dev, &wire->chip, wire);
}

static const struct of_device_id wire_ids[] = { { .compatible = "edge-wasi,dht22-wire" }, {} };

static struct platform_driver wire_driver = {
	.probe = wire_probe,
	.driver = {
		.name = "dht22-wire",
		.of_match_table = wire_ids,
		.dev_groups = wire_groups,
		.suppress_bind_attrs = true, /* built in, and there for good */
	},
};
builtin_platform_driver(wire_driver);

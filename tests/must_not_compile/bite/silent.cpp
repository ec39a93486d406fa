// complaint: has no `// expect: ` line
int main() {}
